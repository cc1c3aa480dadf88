"""Connected components and single linkage on a few accounts."""

from __future__ import annotations

import numpy as np

from bench.peers.groups import joined, linked, sizes


def test_values_join_accounts() -> None:
    group = joined(5, np.array([0, 1, 1, 2]), np.array([7, 7, 8, 8]))
    assert [list(group).index(one) for one in group] == [0, 0, 0, 3, 4]
    assert sizes(group).tolist() == [3, 3, 3, 1, 1]


def test_single_linkage_says_when_a_group_is_large_enough() -> None:
    """0-1 at 0.9, 1-2 at 0.6, 3-4 at 0.8, and both groups at 0.2."""
    left, right = np.array([0, 1, 3, 2, 0]), np.array([1, 2, 4, 3, 2])
    level, number = linked(6, left, right, np.array([0.9, 0.6, 0.8, 0.2, 0.5]), 3)
    assert np.round(level, 6).tolist() == [0.6, 0.6, 0.6, 0.2, 0.2, 0.0]
    assert number == [0, 0, 0, 0, 0, None]


def test_no_pairs() -> None:
    nothing = np.array([], np.int64)
    assert linked(2, nothing, nothing, np.array([]), 2)[1] == [None, None]
    assert joined(2, nothing, nothing).tolist() == [0, 1]
