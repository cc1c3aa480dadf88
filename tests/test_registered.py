"""Accounts without direct identifiers, and where they contradict the exchanges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from stillwatch.pseudonyms import Pseudonyms
from stillwatch.registered import clean_accounts, clean_evidence, contradictions, email_shape
from stillwatch.tables import LOG_ACCOUNTS, LOG_EVIDENCE, REGISTERED

KEYS = Pseudonyms(b"k" * 32)


def accounts(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), pa.schema([(column.name, column.type) for column in LOG_ACCOUNTS.columns]))


def test_accounts_keep_shape_and_domain_and_lose_the_address() -> None:
    made = clean_accounts(
        accounts(
            {
                "account_id": "a",
                "email": " Anna.Lee83@Mail.Example ",
                "phone": "+49 (30) 123-45",
                "signup_ip": "203.0.113.7",
            },
            {"account_id": "b", "email": "anna.lee83@mail.example", "phone": "00493012345", "device_fingerprint": "d"},
            {"account_id": "c", "email": "sha:77aa", "email_domain": "Other.Example", "phone": "tok_0049"},
            {"account_id": "d"},
        ),
        KEYS,
    )
    assert made.schema == REGISTERED.schema
    a, b, c, d = made.to_pylist()
    assert a["email"] == b["email"] == KEYS.token("email", "anna.lee83@mail.example")
    assert a["phone"] == b["phone"] != c["phone"] == KEYS.token("phone", "tok_0049")
    assert (a["email_domain"], a["email_shape"]) == ("mail.example", "w4.w3d2")
    assert (c["email"], c["email_domain"], c["email_shape"]) == (KEYS.token("email", "sha:77aa"), "other.example", None)
    assert a["signup_address"] == KEYS.token("address", "203.0.113.7")
    assert a["signup_prefix"] == KEYS.token("prefix", "203.0.113.0/24")
    assert b["device_fingerprint"] == KEYS.token("device", "d")
    assert {value for name, value in d.items() if name != "account_id"} == {None}


def test_no_accounts_make_no_accounts() -> None:
    assert clean_accounts(accounts(), KEYS).num_rows == 0


def test_evidence_of_a_kind_that_accounts_have_stays_comparable() -> None:
    schema = pa.schema([(column.name, column.type) for column in LOG_EVIDENCE.columns])
    table = pa.Table.from_pylist([{"account_id": "a", "kind": "device", "value": "d"}], schema)
    assert clean_evidence(table, KEYS)["value"].to_pylist() == [KEYS.token("device", "d")]


def test_a_kind_of_decimal_fractions_is_one_of_amounts() -> None:
    """12.431 and 12.433 are near, which their pseudonyms cannot be; a number or a mixed kind is a value like any other."""
    rows = [("volume", "12.431"), ("volume", "12.433"), ("number", "12"), ("mixed", "1.5"), ("mixed", "blue")]
    table = pa.Table.from_pylist(
        [{"account_id": "a", "kind": kind, "value": value} for kind, value in rows], schema=LOG_EVIDENCE.schema
    )
    made = clean_evidence(table, KEYS)
    assert made["amount"].to_pylist() == [12.431, 12.433, None, None, None]
    values = made["value"].to_pylist()
    assert values[0] == values[1] and len(set(values[2:])) == 3
    assert values[3] == KEYS.token("mixed", "1.5")


@pytest.mark.parametrize(
    ("email", "shape"),
    [
        ("anna.lee83@x.y", "w4.w3d2"),
        ("王小明1@x.y", "w3d1"),
        ("a+b_c-1@x.y", "w1+w1_w1-d1"),
        ("token", None),
        ("@x.y", ""),
    ],
)
def test_the_shape_of_an_address(email: str, shape: str | None) -> None:
    assert email_shape(email) == shape


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def test_accounts_that_contradict_the_exchanges_are_counted_not_dropped() -> None:
    registered = accounts(
        {"account_id": "fine", "created_at": day(1)},
        {"account_id": "within a day", "created_at": day(6), "closed_at": day(9)},
        {"account_id": "too early", "created_at": day(8)},
        {"account_id": "closed and banned", "closed_at": day(7), "banned_at": day(8)},
        {"account_id": "never seen", "created_at": day(20)},
    )
    names = ["fine", "within a day", "too early", "closed and banned", "unknown"]
    seen = pa.table({"account_id": names, "first_seen": [day(5)] * 5, "last_seen": [day(10)] * 5})
    found = contradictions(registered, seen)
    assert found.accounts == 3
    assert found.sentences == [
        "1 of 5 accounts in the exchanges are missing from the account table: nothing of their sign-up is known.",
        "1 of 5 accounts have exchanges more than a day before they were created.",
        "1 of 5 accounts have exchanges more than a day after they were closed.",
        "1 of 5 accounts have exchanges more than a day after they were banned.",
    ]
    assert contradictions(registered, seen.slice(0, 2)).sentences == []
