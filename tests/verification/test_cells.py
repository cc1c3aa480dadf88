"""Traits that meet too often: a farm's do, a country's and a firm's do not."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from stillwatch.config import Signups
from stillwatch.verification.cells import Cells, told
from stillwatch.verification.signup import Signup

DAY = 86_400.0


def people(size: int, day: int = 0, country: str = "DE", **same: str) -> Iterator[Signup]:
    """Customers of one country: issuers and clients of which the one says nothing about the other."""
    dice = random.Random(f"{size} {day} {country} {same}")
    for number in range(size):
        told = {
            "payment_issuer": f"bank {int(dice.paretovariate(1.0))}",
            "user_agent": f"client {int(dice.paretovariate(1.0))}",
            "email_shape": f"w{dice.randint(4, 9)}",
            **same,
        }
        yield Signup(f"{country} {day} {number} {sorted(same)}", day * DAY, country=country, language="de", **told)


def bits(*signups: Signup, one: Signup) -> float:
    cells = Cells(Signups())
    for each in signups:
        cells.add(each.at, told(each), each.organization_id)
    return cells.total(cells.of(told(one)))


FARM = {"payment_issuer": "virtual", "user_agent": "template"}


@pytest.mark.parametrize(
    ("crowd", "least", "most"),
    [
        ([*people(3000)], 0.0, 0.0),  # by itself a rare issuer is no sign
        ([*people(3000), *people(40, **FARM)], 3.5, 4.0),
        ([*people(3000), *people(3, **FARM)], 0.0, 0.0),  # too few to say
        ([*people(3000), *people(400, user_agent="template")], 0.0, 0.5),  # many with the one say nothing of the other
        ([*people(3000), *people(2000, payment_issuer="virtual")], 0.0, 0.5),  # a country that took to a card
    ],
)
def test_two_traits_that_meet_too_often(crowd: list[Signup], least: float, most: float) -> None:
    one = Signup("asked about", 0.0, country="DE", language="de", **FARM)
    assert least <= bits(*crowd, one=one) <= most


def test_a_firm_counts_once() -> None:
    staff = [Signup(f"staff {number}", 0.0, "firm", country="DE", language="de", **FARM) for number in range(40)]
    assert bits(*people(3000), *staff, one=staff[0]) == 0.0


def test_people_of_another_country_are_no_measure() -> None:
    abroad = list(people(400, country="FR", **FARM))  # there everybody has both
    one = Signup("asked about", 0.0, country="FR", language="de", **FARM)
    assert bits(*people(3000), *abroad, one=one) == 0.0


def test_what_left_the_window_does_not_count() -> None:
    one = Signup("asked about", 40 * DAY, country="DE", language="de", **FARM)
    before = [*people(3000), *people(40, **FARM)]
    assert bits(*before, one=one) > 3.0
    assert bits(*before, *people(3000, day=40), one=one) == 0.0
