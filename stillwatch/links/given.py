"""Whatever else a provider knows that accounts may share: the rows of `evidence`, each kind by its own degrees.

No list says which values are hubs. A value counts by its crowd: by how much likelier its holders are than other accounts
of their activity to share something else as well. Before anything is seen of that, the rarity of the value speaks, as for
any tie; the belief is a Gamma distribution that starts there and is worth one expected coincidence, and what is seen are
Poisson counts, so the lift is (rarity + seen) / (1 + expected). A pair shared by two stays rare; a hub of thousands has a
lift of one, whatever its size; a source that an operator pays two hundred accounts from keeps its weight.
Each coincidence of a pair counts 1/(d - 1) for a value that d share (Newman 2001), so hubs do not vouch for hubs.
Innocent when: the kind says.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

SAME_OPERATOR = 0.2  # unknown kind: modest
UNRELATED = 0.005  # unknown kind: modest
MOST_VALUES = 64  # rarest values of an account that vouch for others: busy ones would make millions of pairs of values
LEAST_BITS = 1.0  # of lift, below which a value is a crowd's: its holders are not twice as likely to be related


def given_values(evidence: Table) -> Table:
    """(account_id, kind, value) of every kind in the evidence table."""
    return evidence.select("account_id", "kind", "value").distinct()


def given_shared_values(evidence: Table) -> Table:
    """Values of the given kinds that at least two accounts hold, and the weight of sharing each (tables.SHARED_VALUES)."""
    held = given_values(evidence)
    kinds = held.group_by("kind").agg(population=_.account_id.nunique())
    degrees = held.group_by("kind", "value").agg(accounts=_.count()).filter(_.accounts >= 2)
    crowds = degrees.join(kinds, "kind").left_join(_company(held, degrees), ["kind", "value"])
    rarity = SAME_OPERATOR / (UNRELATED + _.accounts / _.population)
    lift = (rarity + _.seen.fill_null(0.0)) / (1.0 + _.expected.fill_null(0.0))
    return crowds.select(
        "kind",
        "value",
        family=ibis.literal("other"),
        accounts=_.accounts,
        population=_.population,
        bits=ibis.greatest(lift.log2(), ibis.literal(0.0)),
    ).mutate(crowded=_.bits < LEAST_BITS)


def _company(held: Table, degrees: Table) -> Table:
    """Per value: how many coincidences its holders have elsewhere, and how many as busy accounts would have."""
    shared = held.join(degrees, ["kind", "value"])
    order = ibis.window(group_by="account_id", order_by=["accounts", "kind", "value"])
    kept = shared.mutate(place=ibis.row_number().over(order)).filter(_.place < MOST_VALUES).drop("place")
    busy = held.group_by("account_id").agg(others=ibis.least(_.count(), MOST_VALUES) - 1.0)
    chance = busy.agg(total=(_.others + 1.0).sum()).cross_join(
        degrees.agg(square=(_.accounts * _.accounts / (_.accounts - 1.0)).sum())
    )
    expected = (
        kept.join(busy, "account_id")
        .group_by("kind", "value")
        .agg(sum_one=_.others.sum(), sum_two=(_.others * _.others).sum())
        .cross_join(chance)
        .select("kind", "value", expected=(_.sum_one * _.sum_one - _.sum_two) / 2.0 * _.square / (_.total * _.total))
    )
    one = kept.select("account_id", "kind", "value")
    other = kept.select("account_id", other_kind="kind", other_value="value", other_accounts="accounts").view()
    both = one.join(other, "account_id").filter((_.kind != _.other_kind) | (_.value != _.other_value))
    pairs = both.group_by("kind", "value", "other_kind", "other_value", "other_accounts").agg(both=_.count())
    seen = pairs.group_by("kind", "value").agg(seen=(_.both * (_.both - 1) / 2.0 / (_.other_accounts - 1)).sum())
    return expected.left_join(seen, ["kind", "value"]).select("kind", "value", "expected", seen=_.seen.fill_null(0.0))
