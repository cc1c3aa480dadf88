"""The chance that as many others move as much: every draw counted, none made."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from stillwatch.campaigns.mix import JUMP, SMALLEST_P, Others, tilted
from stillwatch.campaigns.releases import ENOUGH, STEPS

TURNED = round(JUMP * STEPS)  # the step from which an account has turned


def accounts(**by_step: int) -> np.ndarray:
    """`accounts(s0=4, s20=1)`: four that did not move, one that moved wholly."""
    counts = np.zeros(STEPS + 1)
    for step, number in by_step.items():
        counts[int(step[1:])] = number
    return counts


def test_it_is_the_share_of_all_draws() -> None:
    """Written out: three draws from one class and one from another, every combination."""
    many, few = accounts(s0=24, s2=3, s10=5, s20=2), accounts(s0=18, s20=4)
    ours = {3: accounts(s0=1, s10=1, s20=1), 4: accounts(s20=1)}  # three of four turned
    classes = [(one + accounts(s20=1)) / (one.sum() + 1) for one in (many, many, many, few)]
    expected = sum(
        np.prod([one[step] for one, step in zip(classes, steps, strict=True)])
        for steps in product(*(np.flatnonzero(one) for one in classes))
        if sum(min(step, TURNED) for step in steps) >= 3 * TURNED
    )
    assert Others({3: many, 4: few}, more=1.0).chance(ours) == pytest.approx(expected)


def test_a_small_class_is_replaced_by_everybody() -> None:
    lone = {7: accounts(s20=2)}
    crowd = {2: accounts(s0=10 * ENOUGH)}
    moved = {7: accounts(s20=3)}
    assert Others({**crowd, 7: accounts(s20=ENOUGH)}).chance(moved) == pytest.approx(1.0)
    assert Others({**crowd, **lone}).chance(moved) < 1e-3


def test_a_class_that_stands_still_is_expected_to_move_as_everybody_does() -> None:
    """Of the busy none moved, of the many a fifth: four of twelve busy accounts are not unlikely for that."""
    busy = accounts(s0=10 * ENOUGH)
    moved = {9: accounts(s0=8, s20=4)}
    assert Others({9: busy}).chance(moved) < 1e-3
    assert Others({9: busy, 2: accounts(s0=80 * ENOUGH, s20=22 * ENOUGH)}).chance(moved) > 0.1


def test_where_nobody_moved_one_may() -> None:
    """Of twenty none moved: that is no proof that the next does not."""
    still = {2: accounts(s0=ENOUGH)}
    assert Others(still, more=1.0).chance({2: accounts(s20=1)}) == pytest.approx(1 / (ENOUGH + 1))


def test_a_queue_that_moves_in_part_is_no_handful_that_moved_wholly() -> None:
    """One in five of the others moved wholly. Eleven accounts with nine twentieths each are not what five of eleven are."""
    others = Others({2: accounts(s0=80, s20=20)})
    queue, people = others.chance({2: accounts(s9=11)}), others.chance({2: accounts(s0=6, s20=5)})
    assert queue < 1e-3 < 0.05 < people


def test_the_margin_makes_it_harder() -> None:
    others = {2: accounts(s0=80, s20=20)}
    ours = {2: accounts(s0=2, s20=4)}
    assert Others(others).chance(ours) > 2 * Others(others, more=1.0).chance(ours)


def test_without_others_or_members_nothing_is_unlikely() -> None:
    assert Others({}).chance({2: accounts(s20=9)}) == 1.0
    assert Others({2: accounts(s0=50)}).chance({}) == 1.0


def test_thousands_of_members() -> None:
    """Far above what others do it is the smallest that is told; at what they do it is about even."""
    others = {2: accounts(s0=800, s20=200)}
    assert Others(others).chance({2: accounts(s0=12_000, s20=10_000)}) == SMALLEST_P
    assert 0.3 < Others(others, more=1.0).chance({2: accounts(s0=16_000, s20=4_016)}) < 0.7


@pytest.mark.parametrize("times", [1.0, 1.5, 3.0])
def test_the_tilt_has_the_mean_asked_for_and_invents_nobody(times: float) -> None:
    chances = accounts(s0=8, s5=1, s20=1) / 10
    made = tilted(chances, times * 2.5)
    assert made @ np.arange(STEPS + 1) == pytest.approx(times * 2.5)
    assert made.sum() == pytest.approx(1.0) and set(np.flatnonzero(made)) == {0, 5, 20}


def test_more_than_all_is_all() -> None:
    assert tilted(accounts(s0=1, s20=9) / 10, 27.0)[STEPS] == pytest.approx(1.0)
