"""A file of sign-ups, judged in the order in which they came."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from stillwatch.cli import app
from stillwatch.verification.ladder.assessed import assessments

START = datetime(2026, 9, 7, tzinfo=UTC)


def rows(farm: int = 0, banned: bool = False) -> list[dict[str, Any]]:
    """Customers, one every half hour, and on the tenth day a farm that shares cards."""
    made: list[dict[str, Any]] = [
        {
            "account_id": f"customer {number}", "created_at": (START + timedelta(minutes=30 * number)).isoformat(),
            "email": f"anna.lee{number}@gmail.com", "signup_ip": f"84.{130 + number // 200}.{number % 200}.7",
            "signup_country": "DE", "signup_asn": 3320, "declared_country": "DE", "payment_fingerprint": f"card {number}",
            "payment_country": "DE", "payment_funding": "debit", "device_fingerprint": f"device {number}",
        }
        for number in range(600)
    ]  # fmt: skip
    for number in range(farm):
        at = START + timedelta(days=10, minutes=number)
        made.append(
            {
                "account_id": f"farm {number}", "created_at": at.isoformat(), "email": f"xk{number}qzvw@mailinator.com",
                "signup_ip": f"51.{68 + number % 8}.{number}.9", "signup_country": "FR", "signup_asn": 16276,
                "declared_country": "US", "payment_fingerprint": f"farm card {number // 10}", "payment_funding": "virtual",
                "payment_country": "HK", "device_fingerprint": f"emulator {number // 8}",
                **({"status": "banned", "banned_at": (at + timedelta(hours=6)).isoformat()} if banned else {}),
            }
        )  # fmt: skip
    return made


def written(folder: Path, made: list[dict[str, Any]], name: str = "signups.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in made))
    return path


def test_a_farm_is_asked_and_customers_are_not(tmp_path: Path) -> None:
    path, out = written(tmp_path, rows(farm=40)), tmp_path / "assessed.jsonl"
    found = CliRunner().invoke(app, ["verify", "assess", str(path), "--out", str(out)])
    assert found.exit_code == 0, found.output
    told = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    asked = {row["account_id"] for row in told if row["asks"]}
    assert asked == {f"farm {number}" for number in range(40)}
    assert all(row["reasons"] for row in told if row["asks"])
    assert "640 sign-ups; a step is asked of 40" in found.output
    assert out.stat().st_mode & 0o077 == 0
    assert "mailinator" not in out.read_text()  # what identifies somebody directly is not written again


def test_what_is_written_is_what_ask_reads(tmp_path: Path) -> None:
    path, out = written(tmp_path, rows(farm=10)), tmp_path / "assessed.jsonl"
    CliRunner().invoke(app, ["verify", "assess", str(path), "--out", str(out)])
    aside: Counter[str] = Counter()
    read = list(assessments(out, aside, 0.0))
    assert not aside
    assert sum(not isinstance(one, str) and one.asks for one in read) == 10


def test_json_has_those_who_are_asked(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["verify", "assess", str(written(tmp_path, rows(farm=20))), "--json"])
    document = orjson.loads(found.stdout)
    assert (document["schema_version"], document["signups"], len(document["asked"])) == (1, 620, 20)


def test_bad_rows_are_set_aside_and_good_ones_are_not_lost(tmp_path: Path) -> None:
    bad = [{"account_id": "no time"}, {"created_at": START.isoformat()}, {"account_id": "x", "created_at": "yesterday"}]
    found = CliRunner().invoke(app, ["verify", "assess", str(written(tmp_path, [*rows(), *bad])), "--json"])
    assert found.exit_code == 13
    assert orjson.loads(found.stdout)["signups"] == 600


@pytest.mark.parametrize("name", ["nothing.jsonl", "accounts.txt"])
def test_no_sign_ups(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    found = CliRunner().invoke(app, ["verify", "assess", str(tmp_path / name)])
    assert found.exit_code != 0


def test_a_later_row_changes_nothing_that_was_said_before(tmp_path: Path) -> None:
    """What is said of a sign-up as it comes is said by what came before it."""
    said = []
    for made in (
        rows(),
        [*rows(), *[row for row in rows(farm=30, banned=True) if row["account_id"].startswith("farm")]],
    ):
        out = tmp_path / "out.jsonl"
        CliRunner().invoke(app, ["verify", "assess", str(written(tmp_path, made)), "--out", str(out)])
        told = {row["account_id"]: row["likelihood"] for row in map(orjson.loads, out.read_bytes().splitlines())}
        said.append([told[f"customer {number}"] for number in range(400)])  # before the tenth day
    assert said[0] == said[1]
