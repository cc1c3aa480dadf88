"""Links → clusters: groups of accounts tied to each other more than to the rest.

Leiden (Traag, Waltman, van Eck 2019, as networkit's ParallelLeiden, one thread, fixed order: the same links always give
the same clusters) with a resolution below 1, because a large campaign must not fall apart into its card batches.
Whether a cluster is more than chance is asked by drawing who holds what at random and clustering again (chance.py): a
cluster counts only if its ties outweigh the heaviest cluster of nearly every draw, which controls the error over all
clusters at once.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.clusters.chance import heaviest_by_chance
from stillwatch.clusters.communities import communities
from stillwatch.config import Clusters, Links

__all__ = ["clusters"]


def clusters(
    links: pa.Table, holdings: pa.Table, links_config: Links, config: Clusters, seed: int, threads: int = 1
) -> pa.Table:
    """One row per account that is in a cluster of at least two (tables.CLUSTERS)."""
    names, a, b, weight = _pairs(links)
    if len(names) == 0:
        return tables.CLUSTERS.schema.empty_table()
    member = communities(len(names), a, b, weight, config)
    heaviest = heaviest_by_chance(holdings, links_config, config, seed, threads)
    inside = member[a] == member[b]
    bits = np.bincount(member[a][inside], weight[inside], minlength=member.max() + 1)
    own = np.bincount(a[inside], weight[inside], minlength=len(names)) + np.bincount(
        b[inside], weight[inside], minlength=len(names)
    )
    partners = np.bincount(a[inside], minlength=len(names)) + np.bincount(b[inside], minlength=len(names))
    size = np.bincount(member)
    p_value = (1 + (heaviest[None, :] >= bits[:, None]).sum(axis=1)) / (len(heaviest) + 1)
    keep = np.flatnonzero(size[member] >= 2)
    order = keep[np.lexsort((keep, member[keep], -size[member[keep]]))]
    rank = {number: place + 1 for place, number in enumerate(dict.fromkeys(member[order].tolist()))}
    return pa.table(
        {
            "account_id": names.take(pa.array(order)),
            "cluster_id": [f"G-{rank[number]:05d}" for number in member[order].tolist()],
            "cluster_accounts": size[member[order]].astype(np.int64),
            "cluster_bits": bits[member[order]],
            "chance_p": p_value[member[order]],
            "partners": partners[order].astype(np.int64),
            "tie_bits": own[order],
        },
        schema=tables.CLUSTERS.schema,
    )


def _pairs(links: pa.Table) -> tuple[pa.Array, np.ndarray, np.ndarray, np.ndarray]:
    """Account names, and one weighted pair of their positions per linked pair."""
    total = (
        links.group_by(["account_a", "account_b"])
        .aggregate([("weight", "sum")])
        .sort_by([("account_a", "ascending"), ("account_b", "ascending")])
    )
    ends = pa.chunked_array([*total["account_a"].chunks, *total["account_b"].chunks], pa.string())
    names = pc.unique(ends).sort()
    a = pc.index_in(total["account_a"], names).to_numpy().astype(np.int64)
    b = pc.index_in(total["account_b"], names).to_numpy().astype(np.int64)
    return names, a, b, total["weight_sum"].to_numpy()
