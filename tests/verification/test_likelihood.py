"""What things found are worth: weights that come with the package, and those stated."""

from __future__ import annotations

import pytest

from stillwatch.verification.likelihood import COMPANY, Parts, fitted, likelihood, stated
from stillwatch.verification.signs import ALL, Sign


@pytest.mark.parametrize(("bits", "chance"), [(0.0, 0.5), (1.0, 2 / 3), (-1.0, 1 / 3), (-2000.0, 0.0), (2000.0, 1.0)])
def test_odds_in_bits(bits: float, chance: float) -> None:
    assert likelihood(bits) == pytest.approx(chance)


def test_every_sign_has_a_weight_and_none_speaks_the_wrong_way() -> None:
    weights = fitted()
    assert set(weights.signs) == {sign.code for sign in ALL}
    assert set(weights.company) == set(COMPANY)
    assert all(shows >= 0.0 >= absent for shows, absent in weights.signs.values())
    assert all(share >= 0.0 for share in weights.company.values())


def test_what_is_not_told_is_not_read_as_innocence() -> None:
    weights = fitted()
    assert weights.of_signs(ALL, [None] * len(ALL)) == [0.0] * len(ALL)
    first = ALL[0].code
    assert weights.of_signs(ALL[:1], [True]) == [weights.signs[first][0]]
    assert weights.of_signs(ALL[:1], [False]) == [weights.signs[first][1]]


def test_half_of_what_is_stated() -> None:
    sign = Sign("one", "mail", lambda one, lists: None, operators=0.25, customers=0.0625, phrase="", innocent="")
    shows, absent = stated(sign)
    assert shows == pytest.approx(1.0)
    assert absent == pytest.approx(-0.161, abs=1e-3)


def test_parts_add_up() -> None:
    assert Parts(1.0, 2.0, 4.0, 8.0, 16.0, 32.0).total == 63.0
