"""What a sign says: by how often operators are said to show it, and how often customers were seen to."""

from __future__ import annotations

import pytest

from stillwatch.config import Signups
from stillwatch.verification.shares import Shares
from stillwatch.verification.signs import Sign

SIGNS = (
    Sign("first", "mail", lambda one, lists: None, 0.5, 0.01, "", ""),
    Sign("second", "mail", lambda one, lists: None, 0.5, 0.01, "", ""),
    Sign("third", "place", lambda one, lists: None, 0.25, 0.05, "", ""),
)


@pytest.mark.parametrize(
    ("found", "bits"),
    [
        ((None, None, None), 0.0),  # what is not told is not read as innocence
        ((True, None, None), 5.64),  # log2(0.5 / 0.01)
        ((True, True, None), 6.0),  # a family has its limit
        ((True, None, True), 7.97),
        ((False, None, None), -0.99),
        ((False, False, False), -2.31),
    ],
)
def test_bits(found: tuple[bool | None, ...], bits: float) -> None:
    shares = Shares(SIGNS, Signups())
    assert shares.total(shares.bits(found)) == pytest.approx(bits, abs=0.01)


def test_what_customers_show_says_less() -> None:
    shares = Shares(SIGNS, Signups())
    for number in range(10_000):
        shares.count((number % 4 == 0, False, None), 1.0)
    first, second, _ = shares.bits((True, True, None))
    assert first == pytest.approx(1.0, abs=0.05)  # one in four does
    assert second == pytest.approx(5.64, abs=0.01)  # never below what is stated


def test_a_campaign_does_not_teach_that_it_is_ordinary() -> None:
    shares = Shares(SIGNS, Signups())
    for _ in range(10_000):
        shares.count((False, None, None), 1.0)
        shares.count((True, None, None), 0.01)  # hardly customers
    assert shares.bits((True, None, None))[0] > 4.5


def test_bans_teach_what_operators_show() -> None:
    shares = Shares(SIGNS, Signups())
    for _ in range(1000):
        shares.learn((None, None, True))
    assert shares.bits((None, None, True))[2] > 4.0
