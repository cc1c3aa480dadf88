"""Shared values → links between pairs of accounts, without an explosion of pairs.

A value that d accounts hold would make d(d-1)/2 pairs. Crowded values are cut; the holders of the others are put in
one order, the same for every value, and each is paired with the next `neighbours` only. That keeps the holders
connected, keeps groups that share several values paired with the same partners, and needs memory linear in accounts.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Links


def links(account_values: Table, shared_values: Table, config: Links) -> Table:
    """(account_a < account_b, kind, weight in bits, value_pseudonym, values) of pairs worth keeping."""
    usable = shared_values.filter(~_.crowded & (_.bits > 0)).select("kind", "value", "bits")
    holders = account_values.join(usable, ["kind", "value"]).mutate(
        place=ibis.row_number().over(ibis.window(group_by=["kind", "value"], order_by="account_id"))
    )
    steps = ibis.memtable({"step": list(range(1, config.neighbours + 1))})
    left = (
        holders.cross_join(steps)
        .mutate(place=_.place + _.step)
        .select("kind", "value", "bits", "place", account_a="account_id")
    )
    right = holders.select("kind", "value", "place", account_b="account_id").view()
    shared = left.join(right, ["kind", "value", "place"])
    pairs = shared.group_by("account_a", "account_b", "kind").agg(
        weight=ibis.least(_.bits.sum(), ibis.literal(config.max_bits_per_kind)),
        value_pseudonym=_.value.argmax(_.bits),
        values=_.count(),
    )
    return _strongest(pairs, config)


def _strongest(pairs: Table, config: Links) -> Table:
    """Keep a pair if it is among the strongest of either of its accounts."""
    totals = pairs.group_by("account_a", "account_b").agg(total=_.weight.sum()).filter(_.total >= config.min_bits)
    order = [ibis.desc("total")]
    ranked = totals.mutate(
        rank_a=ibis.row_number().over(ibis.window(group_by="account_a", order_by=[*order, "account_b"])),
        rank_b=ibis.row_number().over(ibis.window(group_by="account_b", order_by=[*order, "account_a"])),
    )
    kept = ranked.filter((_.rank_a < config.max_ties) | (_.rank_b < config.max_ties))
    return pairs.join(kept.select("account_a", "account_b"), ["account_a", "account_b"]).select(
        "account_a", "account_b", "kind", "weight", "value_pseudonym", "values"
    )
