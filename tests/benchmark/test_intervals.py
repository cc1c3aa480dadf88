"""Intervals of counted shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from stillwatch.benchmark.measures.intervals import clopper_pearson, f1, rate, share


@pytest.mark.parametrize(
    "hits, of, low, high",
    [  # Clopper and Pearson's charts, and the rule of three at the edges
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (0, 300, 0.0, 0.0122),
        (1, 100, 0.0003, 0.0545),
    ],
)
def test_known_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert clopper_pearson(hits, of) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_at_each_end_the_count_is_as_rare_as_the_confidence_allows(drawn: tuple[int, int]) -> None:
    hits, of = drawn
    low, high = clopper_pearson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    if hits > 0:
        assert binom.sf(hits - 1, of, low) == pytest.approx(0.025, rel=1e-6)
    if hits < of:
        assert binom.cdf(hits, of, high) == pytest.approx(0.025, rel=1e-6)


def test_nothing_counted_is_no_share() -> None:
    assert (share(0, 0), rate(0, 0), f1(0, 0, 0), f1(0, 3, 0)) == (None, None, None, None)


def test_a_rate_is_of_100_000() -> None:
    told = rate(3, 6_000)
    assert told is not None
    assert (told["value"], told["hits"], told["of"]) == (50.0, 3, 6_000)
    assert told["low"] == pytest.approx(10.3, abs=0.05) and told["high"] == pytest.approx(146.0, abs=0.1)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_f1_is_the_harmonic_mean_and_lies_in_its_interval(right: int, wrong: int, missed: int) -> None:
    told = f1(right, right + wrong, right + missed)
    if right + missed == 0:
        assert told is None
        return
    assert told is not None
    assert told["low"] <= told["value"] <= told["high"]
    if right:
        precision, recall = right / (right + wrong), right / (right + missed)
        assert told["value"] == pytest.approx(2 * precision * recall / (precision + recall))
    else:
        assert told["value"] == 0.0
