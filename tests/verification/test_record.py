"""What became of earlier sign-ups with the same values."""

from __future__ import annotations

import pytest

from stillwatch.config import Signups
from stillwatch.verification.record import Record
from stillwatch.verification.signup import Signup


def record(good: int, bad: int, **values: str) -> Record:
    """Of 1,000 strangers of whom ten were bad, and of others with these values."""
    made = Record(Signups())
    for number in range(1000):
        made.add(stranger := Signup(f"stranger {number}", 0.0, payment_issuer="bank", user_agent=f"{number}"))
        if number < 10:
            made.learn(stranger, 1)
    for number in range(good + bad):
        made.add(one := Signup(f"{number}", 0.0, **values))
        if number < bad:
            made.learn(one, 1)
    return made


@pytest.mark.parametrize(
    ("values", "good", "bad", "least", "most"),
    [
        ({"payment": "card"}, 0, 0, -1.0, 0.0),
        ({"payment": "card"}, 0, 1, 1.5, 2.7),  # one ban says little
        ({"payment": "card"}, 0, 10, 4.0, 6.0),
        ({"payment": "card"}, 400, 1, -2.0, 0.0),  # of a crowd in good standing, one
        ({"payment_issuer": "virtual", "user_agent": "template"}, 30, 30, 3.0, 6.0),
        ({"country": "XX", "language": "xx"}, 0, 60, 0.0, 0.0),  # where somebody is from is no value
    ],
)
def test_bits_of_a_value(values: dict[str, str], good: int, bad: int, least: float, most: float) -> None:
    made = record(good, bad, **values)
    assert least <= made.total(made.of(Signup("asked about", 0.0, **values))) <= most


def test_what_was_taken_back_is_forgotten() -> None:
    made = record(0, 10, payment="card")
    before = made.total(made.of(Signup("asked about", 0.0, payment="card")))
    for number in range(10):
        made.learn(Signup(f"{number}", 0.0, payment="card"), -1)
    assert made.total(made.of(Signup("asked about", 0.0, payment="card"))) <= 0.0 < before
