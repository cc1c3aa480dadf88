"""Nearness: a gap counts by the share of all uses that fall into it; strangers seldom seem near."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stillwatch.links.nearness import Places, haste, near, places, scales

HOUR = 3600.0  # seconds


def nearness(
    place: Places, one: np.ndarray, other: np.ndarray, times: np.ndarray | None = None, tries: float = 1.0
) -> np.ndarray:
    """Bits of pairs of uses of one kind."""
    (scale,) = scales(place, np.zeros(len(place.at), int), np.ones(1) if times is None else times)
    pairs = zip(place.at[one], place.at[other], place.equals[one], strict=True)
    return np.array([near(at, beside, equals, scale, tries) for at, beside, equals in pairs])


def bits(measure: np.ndarray, one: int, other: int, tries: float = 1.0) -> float:
    place = places(np.zeros(len(measure), int), measure)
    return float(nearness(place, np.array([one]), np.array([other]), tries=tries)[0])


def uniform(seed: int, count: int = 2_000) -> np.ndarray:
    return np.random.default_rng(seed).random(count) * 365 * 24 * HOUR


def test_nearer_says_more_and_far_takes_one_bit_at_most() -> None:
    found = [bits(np.r_[uniform(1), 5e6, 5e6 + gap], 2_000, 2_001) for gap in (60, HOUR, 24 * HOUR, 100 * 24 * HOUR)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 5 and -1 <= found[-1] < 0


def test_the_same_gap_says_less_in_a_rush_hour() -> None:
    rush = np.random.default_rng(2).random(1_000) * HOUR + 5e6 - HOUR / 2
    assert (
        bits(np.r_[uniform(1), rush, 5e6, 5e6 + 60], -2, -1) < bits(np.r_[uniform(1, 3_000), 5e6, 5e6 + 60], -2, -1) - 2
    )


def test_an_equal_amount_counts_by_how_many_move_it() -> None:
    amounts = np.random.default_rng(3).lognormal(0, 1, 1_000)
    everyday = np.r_[amounts, np.full(300, 0.1)]
    assert bits(everyday, -2, -1) < 1, "a round amount says nothing"
    assert bits(np.r_[amounts, 0.777, 0.777], -2, -1) > 5
    assert bits(np.r_[amounts, 0.777, 0.778], -2, -1) > 3, "nearly equal is near"


def test_many_tries_explain_a_near_one() -> None:
    measure = np.r_[uniform(1), 5e6, 5e6 + 60]
    assert bits(measure, -2, -1, tries=100.0) < bits(measure, -2, -1) - 5


def test_what_is_not_known_says_nothing() -> None:
    measure = np.r_[uniform(1), np.nan, 5e6]
    assert bits(measure, -2, -1) == 0 == bits(np.full(3, np.nan), 0, 1)


def test_kinds_are_placed_apart() -> None:
    one, other = uniform(1, 500), uniform(2, 900)
    both = places(np.r_[np.zeros(500, int), np.ones(900, int)], np.r_[one, other])
    assert np.array_equal(both.at[:500], places(np.zeros(500, int), one).at)
    assert set(both.n[500:]) == {900}


@pytest.mark.parametrize("shape", ["uniform", "bursts", "days"])
def test_strangers_seem_near_as_seldom_as_the_bits_say(shape: str) -> None:
    """An e-value: of two uses drawn from one background, b bits or more come up at most once in 2^b times."""
    dice = np.random.default_rng(5)
    measure = {
        "uniform": lambda: dice.random(4_000),
        "bursts": lambda: np.where(dice.random(4_000) < 0.5, dice.random(4_000), 0.3 + dice.random(4_000) / 1_000),
        "days": lambda: np.floor(dice.random(4_000) * 365),
    }[shape]()
    place = places(np.zeros(4_000, int), measure)
    one, other = dice.permutation(4_000)[:1_000], dice.integers(4_000, size=(400, 1_000))
    pairs = np.broadcast_to(one, other.shape).ravel(), other.ravel()
    different = pairs[0] != pairs[1]
    found = nearness(place, pairs[0][different], pairs[1][different])
    for threshold in (1, 2, 4, 6, 8):
        assert np.mean(found >= threshold) <= 1.2 * 2.0**-threshold, threshold


@settings(max_examples=60, deadline=None)
@given(arrays(float, st.integers(2, 60), elements=st.integers(0, 40).map(float)))
def test_places_keep_order_and_equals_together(measure: np.ndarray) -> None:
    at = places(np.zeros(len(measure), int), measure).at
    assert np.all((at >= 0) & (at < 1))
    order = np.argsort(measure, kind="stable")
    assert np.all(np.diff(at[order]) >= -1e-12)
    same = np.diff(measure[order]) == 0
    assert np.array_equal(np.abs(np.diff(at[order])) < 1e-12, same), "equal ones in one place, others apart"


def test_what_is_usual_among_users_of_one_value_says_less() -> None:
    """Posts that are shared within an hour of coming out: a minute apart is what their readers are."""
    dice = np.random.default_rng(6)
    value, account = np.repeat(np.arange(300), 20), np.arange(6_000)
    posts = np.repeat(dice.random(300) * 365 * 24 * HOUR, 20) + dice.random(6_000) * HOUR
    steady = dice.random(6_000) * 365 * 24 * HOUR
    kind, one, other = np.zeros(6_000, int), np.arange(0, 6_000, 20), np.arange(1, 6_000, 20)
    found = {}
    for name, measure in (("posts", posts), ("steady", steady)):
        measure = measure.copy()
        measure[other] = measure[one] + 60
        place = places(kind, measure)
        found[name] = nearness(place, one, other, haste(place, kind, value, account))
    assert np.median(found["steady"]) > np.median(found["posts"]) + 4


def test_strangers_at_one_post_seem_near_as_seldom_as_the_bits_say() -> None:
    dice = np.random.default_rng(7)
    value, account, kind = np.repeat(np.arange(400), 10), np.arange(4_000), np.zeros(4_000, int)
    place = places(kind, np.repeat(dice.random(400) * 365 * 24 * HOUR, 10) + dice.exponential(HOUR, 4_000))
    one = np.arange(0, 4_000, 10)
    found = nearness(place, one, one + 1, haste(place, kind, value, account))
    for threshold in (1, 2, 4):
        assert np.mean(found >= threshold) <= 1.5 * 2.0**-threshold, threshold
