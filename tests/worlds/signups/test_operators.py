"""Operators differ from each other and from seed to seed, so that nothing can be tuned to a constant."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.worlds.signups import lands, rungs
from stillwatch.worlds.signups.newcomers import Crowd
from stillwatch.worlds.signups.operators import MOST_OF_ONE, sizes
from stillwatch.worlds.signups.operators.craft import Craft
from stillwatch.worlds.signups.phones import numbers


def craft(seed: int, number: int = 0, rung: int = 2) -> Craft:
    return Craft(Crowd(seed, 1.0, lands.numbers()), number, rungs()[rung])


def test_shares_differ_by_operator_and_by_seed_and_keep_their_mean() -> None:
    drawn = np.array([[craft(seed, number).share("virtual_cards") for number in range(12)] for seed in (250, 251, 252)])
    assert len(np.unique(drawn)) == drawn.size
    assert drawn.std() > 0.08 and abs(drawn.mean() - 0.75) < 0.1
    assert craft(250).share("virtual_cards") == craft(250).share("virtual_cards")


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.01, 0.0005])
def test_sizes_are_heavy_tailed_and_add_up(scale: float) -> None:
    for seed in range(250, 256):
        found = sizes(np.random.default_rng(seed), scale, lands.numbers()["fraud"])
        assert sum(found) == max(1, round(24_000 * scale)) and min(found) > 0
        if scale == 1.0:
            assert 8 <= len(found) <= 20 and max(found) < (MOST_OF_ONE + 0.02) * 24_000 and max(found) > 3 * min(found)


def test_numbers_of_a_block_are_neighbours_and_others_are_not() -> None:
    phones, block = np.arange(1, 21, dtype=np.uint64), np.where(np.arange(20) < 10, 7, 0).astype(np.uint64)
    found = numbers(phones, np.full(20, "GB"), block, np.zeros(20, bool))
    assert len({one[:-3] for one in found[:10]}) == 1 and len(set(found[:10])) == 10
    assert len({one[:-3] for one in found[10:]}) == 10
    assert all(one.startswith("+447") and len(one) == 13 for one in found)


def test_no_phone_no_number() -> None:
    assert numbers(np.zeros(2, np.uint64), np.full(2, "US"), np.zeros(2, np.uint64), np.zeros(2, bool)).tolist() == [
        "",
        "",
    ]
