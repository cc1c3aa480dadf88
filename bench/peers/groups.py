"""Groups of accounts that are joined directly or through others: connected components, and single linkage."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

LARGEST = 2.0  # similarities are at most 1; a spanning tree wants costs above 0, and the smallest first


def joined(accounts: int, account: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The group of each account when every value joins the accounts that have it. Groups are numbered from 0."""
    if len(account) == 0:
        return np.arange(accounts)
    _, place = np.unique(value, return_inverse=True)
    size = accounts + int(place.max()) + 1
    graph = coo_array((np.ones(len(account), np.int8), (account, accounts + place)), shape=(size, size))
    return connected_components(graph, directed=False)[1][:accounts]


def sizes(group: np.ndarray) -> np.ndarray:
    """How many accounts the group of each account has."""
    return np.bincount(group)[group] if len(group) else np.zeros(0, np.int64)


def linked(
    accounts: int, left: np.ndarray, right: np.ndarray, similarity: np.ndarray, least: int
) -> tuple[np.ndarray, list[int | None]]:
    """Single linkage: the similarity at which an account first is in a group of `least`, and the number of that group.

    Pairs are joined from the most similar down. 0 and None: it never is in so large a group.
    """
    level, number = np.zeros(accounts), [None] * accounts
    if len(left) == 0:
        return level, number
    costs = coo_array((LARGEST - similarity, (left, right)), shape=(accounts, accounts))
    tree = minimum_spanning_tree(costs.tocsr()).tocoo()  # the same groups at every level, from the fewest pairs
    members = {one: [one] for one in range(accounts)}
    group = list(range(accounts))
    for place in np.lexsort((tree.col, tree.row, tree.data)):
        kept, moved = sorted(
            (group[tree.row[place]], group[tree.col[place]]), key=lambda one: (-len(members[one]), one)
        )
        for one in members[moved]:
            group[one] = kept
        members[kept] += members.pop(moved)
        if len(members[kept]) >= least:
            for one in members[kept]:
                if number[one] is None:
                    level[one], number[one] = LARGEST - tree.data[place], kept
    return level, number
