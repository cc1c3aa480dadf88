"""The made airdrop is what it says, and what is measured on it is counted as it should be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from bench.airdrop import LARGEST, SMALLEST, STRUCTURES, airdrop
from bench.sybils import METHODS, scores


def test_the_same_seed_gives_the_same_world() -> None:
    one, other = airdrop(STRUCTURES[0], 600, 5), airdrop(STRUCTURES[0], 600, 5)
    assert one[0].equals(other[0]) and one[1] == other[1]
    assert not one[0].equals(airdrop(STRUCTURES[0], 600, 6)[0])


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda one: one.name)
def test_a_third_has_operators_and_everybody_is_seen(structure: object) -> None:
    rows, operators = airdrop(structure, 1_500, 5)  # type: ignore[arg-type]
    sizes = Counter(number for number in operators.values() if number >= 0)
    assert 500 <= sum(sizes.values()) <= 500 + LARGEST
    assert all(SMALLEST <= size <= LARGEST for size in sizes.values())
    assert set(rows["account_id"].to_pylist()) == set(operators)


def test_nobody_has_an_operator_where_none_is() -> None:
    assert set(airdrop(replace(STRUCTURES[0], share=0.0), 300, 5)[1].values()) == {-1}


def test_scores_count_accounts_and_pairs() -> None:
    operator = np.array([0, 0, 0, 1, 1, -1])
    group = np.array([7, 7, 8, 8, 8, 8])
    precision, recall, pairs, whole, accused = scores(group, np.array([True] * 5 + [False]), operator)
    assert (precision, recall, accused) == (1, 1, 5)
    assert pairs == 2 / 4, "of three pairs of operator 0 and one of 1, one each is in one cluster"
    assert whole == 2 / 4, "of one pair in cluster 7 and three in 8"


def test_hubs_alone_tie_a_ring_that_no_component_finds() -> None:
    rows, operators = airdrop(STRUCTURES[2], 2_000, 5)
    names, operator = np.array(list(operators)), np.array(list(operators.values()))
    found = {name: scores(*METHODS[name](rows, names), operator) for name in ("stillwatch", "components, degree to 10")}
    assert found["stillwatch"][0] > 0.9 and found["stillwatch"][1] > 0.6
    assert found["components, degree to 10"][1] < 0.3 < found["stillwatch"][1] - 0.3
