"""What outcomes teach: of values that turned out bad again and again, and not of where people are from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.config import Signups
from stillwatch.verification.learned import Outcomes
from stillwatch.verification.signup import Signup

BEFOREHAND = -5.0  # bits


def taught(outcomes: Iterable[tuple[dict[str, Any], bool]], counts: float = 1.0) -> Outcomes:
    made = Outcomes(Signups(), ())
    for number, (values, bad) in enumerate(outcomes):
        one = Signup(f"{number}", 0.0, **values)
        made.learn(one, made.keys(one, ()), BEFOREHAND, bad, counts)
    return made


def bits(made: Outcomes, **values: Any) -> float:
    return made.bits(made.keys(Signup("asked about", 0.0, **values), ()))


CROWD = [
    ({"payment_issuer": f"bank {number % 7}", "country": "DE", "language": "de"}, number % 30 == 0)
    for number in range(300)
]


@pytest.mark.parametrize(
    ("outcomes", "least", "most"),
    [
        ([], 0.0, 0.0),
        ([({"payment_issuer": "virtual"}, True)], 0.0, 1.5),  # one says little
        ([({"payment_issuer": "virtual"}, True)] * 20, 3.0, 10.0),
        ([({"payment_issuer": "virtual"}, False)] * 20, -1.0, 0.0),
        ([({"payment_issuer": "virtual"}, True), ({"payment_issuer": "virtual"}, False)] * 10, 2.0, 6.0),
    ],
)
def test_bits_of_a_value(outcomes: list[tuple[dict[str, str], bool]], least: float, most: float) -> None:
    assert least <= bits(taught([*CROWD, *outcomes]), payment_issuer="virtual") <= most


def test_what_is_half_sure_teaches_less() -> None:
    outcomes = [({"payment_issuer": "virtual"}, True)] * 5
    assert bits(taught(outcomes, 0.3), payment_issuer="virtual") < bits(taught(outcomes), payment_issuer="virtual")


def test_where_people_are_from_is_no_value() -> None:
    there = {"country": "XX", "language": "xx", "declared_country": "XX", "timezone": "Xx/Xx"}
    assert bits(taught([*CROWD, *[(there, True)] * 200]), **there) == 0.0


def test_a_bank_of_a_country_that_turned_out_badly_is_no_sign_there() -> None:
    """Where all have one bank and one carrier, that most turn out bad is their country's, and none of theirs."""
    there = {"country": "XX", "language": "xx", "payment_issuer": "the bank", "asn": 64500, "phone_country": "XX"}
    here = {"country": "DE", "language": "de", "payment_issuer": "one bank", "asn": 64501, "phone_country": "DE"}
    outcomes = [(there, number % 2 == 0) for number in range(400)]
    made = taught([*CROWD, *outcomes, *[(here, True)] * 10])
    assert bits(made, **there) < 1.5 < 4.0 < bits(made, **here)


def test_a_value_is_held_against_others_from_there() -> None:
    """Where all turn out bad, that one bank has all of them says less of it than where none do."""
    there = [
        ({"country": "XX", "language": "xx", "payment_issuer": f"bank {number % 40}"}, True) for number in range(400)
    ]
    here = [({"country": "DE", "language": "de", "payment_issuer": "one bank"}, True)] * 10
    made = taught([*CROWD, *there, *here])
    assert bits(made, payment_issuer="bank 3") < bits(made, payment_issuer="one bank")


def test_what_is_said_names_outcomes() -> None:
    made = taught([*CROWD, *[({"payment_issuer": "virtual"}, True)] * 12])
    (first, *_) = made.said(Signup("asked about", 0.0, payment_issuer="virtual"), ())
    assert (first.phrase, first.bad, first.seen) == ("a card of the same issuer", 12, 12)
    assert first.bits > 0


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=60))
def test_bits_stay_within_their_limit(outcomes: list[tuple[str, bool]]) -> None:
    made = taught([({"payment_issuer": issuer, "user_agent": issuer}, bad) for issuer, bad in outcomes])
    most = Signups().learned_bits
    assert all(-most <= bits(made, payment_issuer=one, user_agent=one) <= most for one in "abc")
