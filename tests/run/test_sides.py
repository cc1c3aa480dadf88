"""Side tables as they are stored: what is past stays, what was not yet known goes, and equal values meet."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stillwatch.config import Reading
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import open_log
from stillwatch.run.rejected import Rejected
from stillwatch.run.sides import Sides, store_sides

KEYS = Pseudonyms(b"k" * 32)
AS_OF = datetime(2026, 2, 10, tzinfo=UTC)
BEFORE, AFTER = "2026-02-01T00:00:00Z", "2026-02-20T00:00:00Z"
READ = datetime(2026, 6, 1, tzinfo=UTC)  # when the log is read, after all of this


@pytest.fixture
def store(engine: Any, tmp_path: Path) -> Any:
    """Store side tables given as rows: what was found, and a function that reads a stored table."""

    def stored(past: bool = True, **given: list[dict[str, Any]]) -> tuple[Sides, Any]:
        folder = tmp_path / "log"
        folder.mkdir()
        for name, rows in given.items():
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        log = open_log(folder, Reading(), READ, needs_exchanges=False)
        rejected = Rejected(tmp_path / "rejected.jsonl", 100)
        sides = store_sides(log, engine.inner, KEYS, rejected, AS_OF, past)
        rejected.close()
        assert rejected.count == 0
        return sides, lambda name: engine.collect(engine.inner.table(name))

    return stored


ACCOUNTS = [
    {"account_id": "old", "created_at": BEFORE},
    {"account_id": "new", "created_at": AFTER},
    {"account_id": "undated"},
    {"account_id": "banned", "created_at": BEFORE, "status": "banned", "banned_at": BEFORE, "closed_at": BEFORE},
    {"account_id": "doomed", "created_at": BEFORE, "status": "banned", "banned_at": AFTER, "closed_at": AFTER},
    {"account_id": "suspended", "created_at": BEFORE, "status": "suspended"},
]


def test_as_of_forgets_what_had_not_happened(store: Any) -> None:
    _, table = store(accounts=ACCOUNTS)
    rows = {row["account_id"]: row for row in table("registered")}
    assert set(rows) == {"old", "undated", "banned", "doomed", "suspended"}, "nobody signed up later"
    assert [rows["doomed"][name] for name in ("status", "banned_at", "closed_at")] == ["active", None, None]
    assert rows["banned"]["status"] == "banned" and rows["banned"]["banned_at"] and rows["banned"]["closed_at"]
    assert rows["suspended"]["status"] == "suspended", "without a date nothing says that it came later"


def test_read_as_of_today_nothing_is_forgotten(store: Any) -> None:
    _, table = store(past=False, accounts=ACCOUNTS)
    rows = {row["account_id"]: row for row in table("registered")}
    assert len(rows) == len(ACCOUNTS) and rows["doomed"]["status"] == "banned" and rows["doomed"]["banned_at"]


@pytest.mark.parametrize("past", [True, False])
def test_what_has_expired_drops(store: Any, past: bool) -> None:
    ends = [("ended", BEFORE), ("stands", AFTER), ("endless", None)]
    sides, table = store(
        past=past,
        declared=[{"kind": "agent_client", "id": f"I am {one}.", "expires_at": end} for one, end in ends],
        indicators=[{"type": "tls", "value": one, "valid_until": end} for one, end in ends],
    )
    assert sides.given == {"declared", "indicators"}
    assert {row["id"] for row in table("declared")} == {"I am stands.", "I am endless."}
    assert {row["value"] for row in table("indicators")} == {"stands", "endless"}
    rests, clients = sides.clients.stripped(pa.array(["I am ended. Go", "I am stands. Go"]))
    assert rests.to_pylist() == ["I am ended. Go", " Go"], "a lapsed client is nobody's to clear"
    assert clients.to_pylist() == [None, "declared client"]


@pytest.mark.parametrize(
    ("kind", "given", "column", "registered"),
    [
        ("ipv4-addr", "203.0.113.7", "signup_ip", "203.0.113.7"),
        ("ipv4-addr", "203.0.113.7", "signup_ip", "::ffff:203.0.113.7"),
        ("ipv6-addr", "2001:DB8:0::1", "signup_ip", "2001:db8::1"),
        ("email-addr", "Anna.Lee@Mail.Example", "email", "anna.lee@mail.EXAMPLE"),
        ("email-addr", " anna.lee@mail.example ", "email", "anna.lee@mail.example"),
        ("phone", "+49 (30) 123-45", "phone", "00493012345"),
        ("payment", "card 1", "payment_fingerprint", "card 1"),
        ("device", "device 1", "device_fingerprint", "device 1"),
        ("domain-name", "Mail.Example.", "email", "anna@mail.example"),
    ],
)
def test_an_indicator_meets_the_logs_own_value(
    engine: Any, store: Any, kind: str, given: str, column: str, registered: str
) -> None:
    _, table = store(
        indicators=[{"type": kind, "value": given, "actor": "X"}, {"type": kind, "value": "198.51.100.9"}],
        accounts=[{"account_id": "a", column: registered}, {"account_id": "b"}],
    )
    rows = engine.stage("indicator_matches", indicators=table("indicators"), registered=table("registered"))
    assert [(row["account_id"], row["type"], row["actor"]) for row in rows] == [("a", kind, "X")]


@pytest.mark.parametrize("kind", ["ipv4-addr", "ipv6-addr", "email-addr", "payment", "device", "phone"])
def test_no_direct_identifier_is_stored(store: Any, kind: str) -> None:
    _, table = store(indicators=[{"type": kind, "value": "203.0.113.7"}])
    (row,) = table("indicators")
    assert "203" not in row["value"] and len(row["value"]) == 12


def test_a_template_or_a_tls_fingerprint_stays_as_it_is(store: Any) -> None:
    _, table = store(indicators=[{"type": "template", "value": "T-1"}, {"type": "tls", "value": "t13D_X"}])
    assert [row["value"] for row in table("indicators")] == ["T-1", "t13D_X"]


def test_nothing_given_stores_empty_tables(store: Any) -> None:
    sides, table = store()
    assert sides.given == set()
    for name in ("registered", "releases", "indicators", "declared", "evidence"):
        assert table(name) == []
