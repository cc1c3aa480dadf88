"""Shared values → links between pairs of accounts, without an explosion of pairs.

A value that d accounts hold would make d(d-1)/2 pairs. Crowded values are cut; the holders of the others are put in
one order, the same for every value, and each is paired with the next `neighbours` only. That keeps the holders
connected, keeps groups that share several values paired with the same partners, and needs memory linear in accounts.

Two accounts that each hold many values share some by chance. So the weight of a kind is the smaller of two: the sum of
its values' weights, and the log-likelihood ratio of sharing k values where λ = n_a n_b Σ d²/D² are expected, n being
values held, d a value's holders, D their sum (the projection of a bipartite configuration model; Tumminello et al.,
"Statistically validated networks in bipartite complex systems", PLoS ONE 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import ibis
from ibis import Table, _

from stillwatch.config import FAMILIES, Links
from stillwatch.links.surprise import surprise

_DIGITS = 6  # of bits, by which pairs are ranked: the last digits of a sum depend on the order of its parts


def own_pairs(account_values: Table, shared_values: Table, meetings: Table, config: Links) -> Table:
    """Pairs that our own kinds of tie bring together and that may be worth keeping, with the weight of each kind, bits."""
    crowded = shared_values.filter(_.crowded)
    uncrowded = account_values.anti_join(crowded, ["kind", "value"])
    usable = shared_values.filter(~_.crowded & (_.bits > 0)).select("kind", "value", "family", "bits")
    # An account's values are counted apart: a window would carry all of them along, and most are nobody else's.
    held = uncrowded.group_by("account_id", "kind").agg(held=_.count())
    # Pairs are made and counted by numbers: there are tens of millions, and the texts of each would fill the memory.
    names = held.select("account_id").distinct().mutate(number=ibis.row_number().over(order_by="account_id"))
    values = usable.mutate(
        number=ibis.row_number().over(order_by=["kind", "value"]), sort=ibis.dense_rank().over(order_by="kind")
    )
    holders = (
        account_values.join(values.select("kind", "value", "family", "bits", "sort", of="number"), ["kind", "value"])
        .join(names, "account_id")
        .select("bits", "sort", value=_.of, account=_.number, family=_code(_.family))
    )
    met = _neighbours(holders, ["sort", "value", "family"], "account", config)
    met = met.semi_join(_able(met, _numbered(meetings, names), config), ["account_a", "account_b"])
    counted = met.group_by("account_a", "account_b", "sort").agg(
        rarity=_.bits.sum(),
        heaviest=ibis.struct({"bits": _.bits.round(_DIGITS), "value": _.value}).max()["value"],
        values=_.count(),
    )
    pairs = counted.join(values.select("sort", "kind", "family").distinct(), "sort")
    by_number = held.join(names, "account_id")
    expected = (
        pairs.join(by_number.select("kind", account_a="number", held_a="held"), ["account_a", "kind"])
        .join(by_number.select("kind", account_b="number", held_b="held").view(), ["account_b", "kind"])
        .join(_chance(held, shared_values), "kind")
        .mutate(expected=_.held_a * _.held_b * _.chance)
        .mutate(weight=ibis.least(_.rarity, surprise(_.values, _.expected)))
        .filter(_.weight > 0)
    )
    named = (
        expected.join(names.select(name_a="account_id", account_a="number"), "account_a")
        .join(names.select(name_b="account_id", account_b="number").view(), "account_b")
        .join(values.select(heaviest="number", value_pseudonym="value"), "heaviest")
    )
    weighed = named.drop("account_a", "account_b").rename(account_a="name_a", account_b="name_b")
    return weighed.select(*meetings.columns)


def cohesive_links(holders: Table, values: Table, config: Links) -> Table:
    """The same for crowded templates that tie: chance was asked of the template as a whole already.

    Each value has an order of its own here. In one order for all, thousands of users would be a long band of neighbours,
    which falls apart into pieces when it is clustered; in several they are as well mixed as the template says they are.
    A pair has the bits of all templates that both use, times how far the two agree in what they send of those that tie
    (cosine, as in co-sharing networks: Pacheco et al. 2021): two campaigns may have turns of phrase in common, and each its
    own frames besides. Where none of the templates is firm, they have to be enough together: who shares but one of a
    campaign's, such as the questions of a public benchmark, is not tied to it by that alone. Sign-ups in one batch help to
    be enough, and weigh nothing then: a cluster must not fall apart into its batches.
    """
    used = holders.join(values.select("kind", "value", "family", "bits", "firm", "batch"), ["kind", "value"])
    length = (_.share * _.share).sum().over(ibis.window(group_by="account_id")).sqrt()
    used = used.mutate(part=_.share / length).drop("share")
    # What an account sends most of brings as many partners as are kept; dozens of templates would bring hundreds to weigh.
    most = ibis.row_number().over(ibis.window(group_by=["account_id", "batch"], order_by=[ibis.desc("part"), "value"]))
    main = used.mutate(place=most).filter(_.place * config.neighbours < config.max_ties)
    mixed = main.select("kind", "value", "bits", account="account_id", order=(_.value + _.account_id).hexdigest("md5"))
    met = _neighbours(mixed, ["kind", "value"], "order", config).select("account_a", "account_b").distinct()
    of_a = met.join(used.rename(account_a="account_id"), "account_a")
    of_b = used.select("kind", "value", account_b="account_id", part_b="part").view()
    # A left join, whose misses count for nothing below: inner ones DuckDB may turn round, and pair all users of a template.
    both = of_a.left_join(of_b, ["account_b", "kind", "value"], rname="{name}_of_b")
    shared = _.part_b.notnull()
    pairs = (
        both.group_by("account_a", "account_b", "kind", "family")
        .agg(
            weight=_.bits.sum(where=~_.batch & shared).fill_null(0.0),
            together=_.bits.sum(where=shared),
            firm=_.firm.any(where=shared).fill_null(False),
            value_pseudonym=ibis.struct({"bits": _.bits.round(_DIGITS), "value": _.value}).max(where=shared)["value"],
            values=shared.sum(),
            agreement=(_.part * _.part_b).sum(),
        )
        .filter((_.firm | (_.together >= config.min_bits)) & (_.agreement >= config.min_agreement))
        .drop("firm", "together")
    )
    weighed = within_family(pairs, config).mutate(weight=_.weight * _.agreement).drop("agreement")
    return strongest(weighed, replace(config, min_bits=0.0))


def _code(family: ibis.Value) -> ibis.Value:
    """The family's place among the families: a number takes less room than a name, sixty million times over."""
    return ibis.cases(*((family == name, place) for place, name in enumerate(FAMILIES)), else_=FAMILIES.index("other"))


def _numbered(meetings: Table, names: Table) -> Table:
    """The pairs of meetings by the numbers of their accounts."""
    of_a = meetings.join(names.select(account_a="account_id", of_a="number"), "account_a")
    both = of_a.join(names.select(account_b="account_id", of_b="number").view(), "account_b")
    return both.select(account_a=_.of_a, account_b=_.of_b, family=_code(_.family))


def _able(met: Table, meetings: Table, config: Links) -> Table:
    """Pairs that can weigh enough: met by a family that is enough alone, or by two. Most meet by one that is not, such as
    a common start, and would be counted, named and weighed for nothing.
    """
    enough = [place for place, name in enumerate(FAMILIES) if config.family_bits(name) >= config.min_bits]
    every = met.select("account_a", "account_b", "family").union(meetings)
    families = every.group_by("account_a", "account_b").agg(
        one=_.family.min(), other=_.family.max(), alone=_.family.isin(enough).any()
    )
    return families.filter((_.one != _.other) | _.alone)


def _neighbours(holders: Table, value: Sequence[str], order: str, config: Links) -> Table:
    """Each holder with the next few holders of the same value: (account_a < account_b, `value`, bits), a row for each."""
    following = ibis.window(group_by=value, order_by=order)
    steps = range(1, config.neighbours + 1)
    placed = holders.mutate(other=ibis.array([_.account.lead(step).over(following) for step in steps]))
    paired = placed.select(*value, "bits", one="account", other=_.other.unnest()).filter(_.other.notnull())
    return paired.select(
        *value,
        "bits",
        account_a=ibis.least(_.one, _.other),
        account_b=ibis.greatest(_.one, _.other),
    )


def _chance(held: Table, shared_values: Table) -> Table:
    """Per kind: Σ d²/D², the chance that two drawn holdings are of one value."""
    total = held.group_by("kind").agg(total=_.held.sum())
    several = (
        shared_values.filter(~_.crowded)
        .group_by("kind")
        .agg(extra=(_.accounts.cast("float64") * (_.accounts - 1)).sum())
    )
    joined = total.left_join(several, "kind")
    return joined.select("kind", chance=(_.total + _.extra.fill_null(0.0)) / (_.total.cast("float64") * _.total))


def within_family(pairs: Table, config: Links) -> Table:
    """Scale the kinds of a family down to what the family may give."""
    together = pairs.mutate(together=_.weight.sum().over(ibis.window(group_by=["account_a", "account_b", "family"])))
    most = ibis.cases(*((together.family == name, config.family_bits(name)) for name in FAMILIES), else_=config.other)
    scale = ibis.ifelse(together.together > most, most / together.together, 1.0)
    return together.mutate(weight=together.weight * scale).drop("together")


def strongest(pairs: Table, config: Links) -> Table:
    """Keep a pair if it weighs enough and is among the strongest of either of its accounts."""
    totals = pairs.group_by("account_a", "account_b").agg(total=_.weight.sum()).filter(_.total >= config.min_bits)
    totals = totals.mutate(total=_.total.round(_DIGITS))
    order = [ibis.desc("total")]
    ranked = totals.mutate(
        rank_a=ibis.row_number().over(ibis.window(group_by="account_a", order_by=[*order, "account_b"])),
        rank_b=ibis.row_number().over(ibis.window(group_by="account_b", order_by=[*order, "account_a"])),
    )
    kept = ranked.filter((_.rank_a < config.max_ties) | (_.rank_b < config.max_ties))
    return (
        pairs.filter(_.weight > 0)
        .join(kept.select("account_a", "account_b"), ["account_a", "account_b"])
        .select("account_a", "account_b", "kind", "family", "weight", "value_pseudonym", "values")
    )
