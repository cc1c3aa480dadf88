"""Whom a member met on its addresses: others of its cluster, or strangers.

Every shared address counts on every day: on a campaign's own proxies the others are members, at a public exit they are
strangers with a member or two among them. So it is the ratio of the two that says something, not the number of members.
Innocent when: a household or an office is met by nobody else either; hence the cap (`standing.py`).
"""

from __future__ import annotations

from ibis import Table, _


def company(account_values: Table, shared_values: Table, candidates: Table, part: Table) -> Table:
    """(account_id, met_members, met_others): meetings on uncrowded addresses with members who take part, and with others."""
    known = shared_values.filter(~_.crowded & (_.family == "network")).select("kind", "value", everybody="accounts")
    held = account_values.join(known, ["kind", "value"]).join(
        candidates.select("account_id", "cluster_id"), "account_id"
    )
    marked = held.left_join(part.mutate(takes_part=1), "account_id").drop("account_id_right")
    marked = marked.mutate(takes_part=_.takes_part.fill_null(0))
    here = marked.group_by("cluster_id", "kind", "value").agg(here=_.takes_part.sum())
    # A left join, though all have one: an inner one DuckDB may turn round, and pair all members with all their addresses.
    return (
        marked.left_join(here, ["cluster_id", "kind", "value"], rname="{name}_of")
        .mutate(members=_.here - _.takes_part)
        .group_by("account_id")
        .agg(met_members=_.members.sum(), met_others=(_.everybody - 1 - _.members).sum())
    )
