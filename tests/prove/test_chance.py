"""The bet: worth what the integral says, fair whenever it ends, and found out by as little as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from stillwatch.prove.chance import EXPECTED_SMALL, least_seen, log_bet, log_p


@pytest.mark.parametrize(
    ("score", "tokens"),
    [(0.0, 0), (0.0, 3), (1.0, 1), (3.0, 5), (14.9, 5), (15.0, 5), (15.1, 5), (60.0, 50), (9.0, 80)],
)
def test_the_bet_is_the_integral_over_all_that_it_bets_on(score: float, tokens: int) -> None:
    b = EXPECTED_SMALL
    worth, _ = quad(lambda lift: b * (1 - lift) ** (b - 1 + tokens) * math.exp(lift * score), 0, 1)
    assert log_bet(score, tokens) == pytest.approx(math.log(worth), abs=1e-9)


@given(tokens=st.integers(0, 100_000), by=st.floats(0.0, 5.0))
def test_more_score_is_never_likelier_and_chance_is_nothing_special(tokens: int, by: float) -> None:
    assert 0.0 >= log_p(by * tokens, tokens) >= log_p(by * tokens + 1, tokens) - 1e-9
    assert log_p(float(tokens), tokens) == 0.0


def test_whoever_looks_after_each_token_and_stops_when_it_suits_him_is_not_wrong_more_often() -> None:
    scores = np.random.default_rng(5).exponential(size=(1_000, 300)).cumsum(axis=1)
    ever = [min(log_p(score, at) for at, score in enumerate(row, start=1) if at % 3 == 0) for row in scores.tolist()]
    assert np.mean(np.array(ever) <= math.log(0.05)) <= 0.05
    assert np.mean(np.array(ever) <= math.log(0.3)) >= 0.05, "it does find something now and then"


@pytest.mark.parametrize("tokens", [50, 1_000, 50_000])
def test_what_would_have_been_seen_is_seen_nine_times_in_ten(tokens: int) -> None:
    factor = least_seen(tokens, math.log(1e-3))
    sums = np.random.default_rng(3).gamma(tokens, factor, 2_000)
    assert np.mean([log_p(one, tokens) <= math.log(1e-3) for one in sums]) == pytest.approx(0.9, abs=0.03)


def test_of_nothing_nothing_is_seen() -> None:
    assert math.isinf(least_seen(0, math.log(1e-3)))
