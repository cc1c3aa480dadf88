"""Links whose ends are in one cluster, each told from both ends."""

from __future__ import annotations

import ibis
from ibis import Table, _


def inside(who: Table, links: Table) -> Table:
    """(account_id, other, cluster_id, kind, family) of links inside a cluster; who: (account_id, cluster_id)."""
    both = ibis.union(
        links.select("kind", "family", account_id=_.account_a, other=_.account_b),
        links.select("kind", "family", account_id=_.account_b, other=_.account_a),
    )
    other = who.select(other="account_id", other_cluster="cluster_id")
    met = both.join(who.select("account_id", "cluster_id"), "account_id").join(other, "other")
    # That they are equal, in words that are no condition to join by: DuckDB paired all members of a cluster first.
    return met.filter(_.cluster_id.nullif(_.other_cluster).isnull()).drop("other_cluster")
