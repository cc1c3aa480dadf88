"""A sign-up that shows what a partner told of: what is looked at, when, and how little it counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from stillwatch.config import Config
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.likelihood import fitted, likelihood
from stillwatch.verification.lists import Lists
from stillwatch.verification.partners import Partners
from stillwatch.verification.reading import SignupReader

KEYS = Pseudonyms(b"k" * 32)
AT = datetime(2026, 11, 1, tzinfo=UTC)
SHOWN = {
    "account_id": "a", "created_at": AT, "email": "Anna.Lee83@Own.Example", "phone": "+49 30 123-45",
    "payment_fingerprint": "card 1", "device_fingerprint": "device 1", "signup_ip": "203.0.113.7",
}  # fmt: skip


def told(kind: str, value: str, **more: Any) -> dict[str, Any]:
    row = {
        "type": kind,
        "value": value,
        "confidence": 63,
        "source": "Northwind",
        "valid_from": None,
        "valid_until": None,
    }
    return {**row, **more}


def judged(*rows: dict[str, Any], **more: Any) -> Any:
    lists = Lists.load()
    lists.partners = Partners(rows, KEYS)
    assessor = Assessor(Config(), lists)
    one = SignupReader(KEYS, lists).read({**SHOWN, **more})
    said = assessor.assess(one)
    return said, assessor.found("a")[-1], lists.told_of(one)


@pytest.mark.parametrize(
    ("row", "shows"),
    [
        (told("payment", "card 1"), True),
        (told("device", "device 1"), True),
        (told("phone", "0049 (30) 12345"), True),
        (told("email-addr", "anna.lee83@own.example"), True),
        (told("domain-name", "Own.Example."), True),
        (told("email_pattern", "w4.w3d2@own.example"), True),
        (told("payment", "card 2"), False),
        (told("payment", "card 1", confidence=49), None),  # more likely wrong than right: not looked at
        (told("payment", "card 1", confidence=None), None),
        (told("payment", "card 1", valid_from=datetime(2026, 11, 2, tzinfo=UTC)), False),  # was not known by then
        (told("payment", "card 1", valid_until=datetime(2026, 10, 30, tzinfo=UTC)), False),
        (told("ipv4-addr", "203.0.113.7"), None),  # an address is a crowd's at a sign-up
    ],
)  # fmt: skip
def test_what_shows(row: dict[str, Any], shows: bool | None) -> None:
    assert judged(row)[1] is shows


def test_a_domain_where_anyone_gets_a_mailbox_is_nobodys() -> None:
    rows = told("domain-name", "gmail.com"), told("email_pattern", "w4@gmail.com")
    assert judged(*rows, email="anna@gmail.com")[1] is False


def test_it_counts_little_however_many_tell_of_it_and_says_who() -> None:
    one, many = judged(told("payment", "card 1")), judged(
        *(told(kind, SHOWN[name], source=f"p{n}") for n in range(9)
          for kind, name in (("payment", "payment_fingerprint"), ("device", "device_fingerprint")))
    )  # fmt: skip
    nothing = judged()
    assert nothing[1] is None and many[0].bits == one[0].bits
    assert 0 < one[0].bits - nothing[0].bits < 2.0 and not many[0].asks
    alone = fitted().beforehand + fitted().signs["told_by_partner"][0]
    assert likelihood(alone) < Config().signups.asks_from  # never enough alone, whatever is not known of a sign-up
    assert one[2].said == "its card or bank account was told of by Northwind"
