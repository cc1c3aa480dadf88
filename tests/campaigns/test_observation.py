"""Weighing: how many times as often as elsewhere, capped, and only beyond chance."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.observation import Compared, Rate, normal_tail, odds, weigh
from stillwatch.config import Config

CONFIG = Config().campaigns
SHARE = Rate("hosting", "covertness", "{observed:.0%} against {expected:.0%}", "servers")
COUNT = Rate("quiet_hours", "extraction", "{observed:.1f} against {expected:.1f}", "jobs", scale="count", lower=True)


def test_twice_as_often_is_a_bit() -> None:
    reason = weigh(SHARE, Compared(0.8 + CONFIG.rate_floor, 0.4, 0.1, 50), "G-1", CONFIG)
    assert reason is not None and reason.weight == pytest.approx(1.0)
    assert (reason.code, reason.finding, reason.text) == ("hosting", "covertness", "81% against 40%")
    assert "'G-1'" in reason.query and reason.value == 0.8 + CONFIG.rate_floor


@pytest.mark.parametrize(
    "rate, compared",
    [
        (SHARE, Compared(0.4, 0.4, 0.1, 50)),
        (SHARE, Compared(0.2, 0.4, 0.1, 50)),
        (SHARE, Compared(0.9, 0.4, 5.0, 5)),
        (COUNT, Compared(20.0, 10.0, 1.0, 50)),
    ],
    ids=["the same", "less often", "within chance", "higher where lower counts"],
)
def test_what_is_not_remarkable_is_not_said(rate: Rate, compared: Compared) -> None:
    assert weigh(rate, compared, "G-1", CONFIG) is None


def test_lower_can_be_what_is_remarkable() -> None:
    reason = weigh(COUNT, Compared(1.0, 10.0, 1.0, 50), "G-1", CONFIG)
    assert reason is not None and reason.weight > 0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(5, 10_000))
def test_no_observation_weighs_more_than_its_cap(observed: float, expected: float, spread: float, members: int) -> None:
    low = Rate("hosting", "covertness", "{observed} {expected}", "", cap=CONFIG.cap_bits / 2)
    for rate in (SHARE, low):
        reason = weigh(rate, Compared(observed, expected, spread, members), "G-1", CONFIG)
        assert reason is None or CONFIG.min_bits <= reason.weight <= (rate.cap or CONFIG.cap_bits)
        assert reason is None or (reason.p_value or 0.0) <= CONFIG.max_p


@given(st.floats(-80, 80))
def test_odds_turn_bits_into_probability(bits: float) -> None:
    assert 0 <= odds(bits) <= 1 and odds(bits) + odds(-bits) == pytest.approx(1)


def test_known_values() -> None:
    assert odds(0) == 0.5 and odds(1) == pytest.approx(2 / 3)
    assert normal_tail(0) == 0.5 and normal_tail(1.6449) == pytest.approx(0.05, abs=1e-4)
    assert math.isclose(normal_tail(-9), 1)
