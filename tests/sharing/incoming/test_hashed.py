"""From one provider's export to another's log: cards and devices that left hashed meet those that are registered here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exports_here import accounts, campaign, written

from stillwatch.config import Engine, Reading
from stillwatch.engines.duckdb import DuckDB
from stillwatch.indicators import indicator_matches
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import open_sides
from stillwatch.run.rejected import Rejected
from stillwatch.run.sides import store_sides
from stillwatch.tables import LOG_ACCOUNTS
from tests.sharing.share_here import Done, share

AT = ("--now", "2026-02-09")
HERE = {"b1": ("card-1", "device-1"), "b2": ("card-1", "device-1"), "b3": ("card-9", "kq3_XbU0R1Zw"), "b4": (None, "")}
OURS = Pseudonyms(bytes(32))


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A's export to b with its key beside it, taken in by B, whose log has two accounts of the same card and device."""
    monkeypatch.chdir(tmp_path)
    shows = [{"payment": f"card-{number}", "device": f"device-{number}"} for number in (1, 2)]
    told = [one for number, some in enumerate(shows) for one in accounts(8, f"a{number}", shows=some)]
    out = written(tmp_path / "a", told, campaign(16))
    done = share(
        "export", out, "--to", "b", "--log", tmp_path / "a" / "log", "--state", "a/state", "--out", "told.json", *AT
    )
    assert done.code == 0
    Path("b").mkdir()
    assert share("key", "b", "--out", "b/a.key", "--state", "a/state", *AT).code == 0
    Path("log").mkdir()
    rows = [
        {"account_id": name, "payment_fingerprint": card, "device_fingerprint": device}
        for name, (card, device) in HERE.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=LOG_ACCOUNTS.schema), "log/accounts.parquet")
    return tmp_path


def indicators(compare: str, *more: str) -> Done:
    Path("b/sources.toml").write_text(f'[sources.a]\nname = "Provider A"\ntrust = 0.8\n{compare}')
    assert share("import", "told.json", "--from", "a", "--state", "b", "--by", "me", "--yes", *AT).code in (0, 13)
    return share("indicators", "--out", "log/indicators.parquet", "--state", "b", *more, *AT)


def matches(tmp_path: Path) -> list[dict[str, Any]]:
    """As a scan of the log sees its side tables."""
    now = datetime(2026, 2, 9, 1, tzinfo=UTC)
    engine = DuckDB(tmp_path / "tables", Engine())
    try:
        log, rejected = open_sides(Path("log"), Reading(), now), Rejected(tmp_path / "rejected.jsonl", 100)
        store_sides(log, engine, OURS, rejected, now, past=False)  # type: ignore[arg-type]
        rejected.close()
        known = {name: engine.table(name) for name in ("indicators", "registered", "declared")}
        rows: list[dict[str, Any]] = (
            indicator_matches(known).order_by(ibis._.type, ibis._.account_id).to_pyarrow().to_pylist()
        )
    finally:
        engine.close()
    return rows


def told() -> list[dict[str, Any]]:
    return pq.read_table("log/indicators.parquet").to_pylist()


def test_a_card_and_a_device_are_met(there: Path) -> None:
    done = indicators('compare = "a.key"', "--log", "log")
    assert done.code == 0 and "4 values were told hashed: 2 of them are in log" in done.err
    assert "1 values of log look like pseudonyms" in done.err
    found = matches(there)
    assert {(row["account_id"], row["type"], row["source"], row["inert"]) for row in found} == {
        (who, kind, "Provider A", False) for who in ("b1", "b2") for kind in ("payment", "device")
    }
    assert {row["value"] for row in found} == {OURS.token("payment", "card-1"), OURS.token("device", "device-1")}
    assert all(0 < row["confidence"] <= 80 for row in found)


def test_what_is_not_met_stays_hashed(there: Path) -> None:
    """B learns of nothing that it does not have; what it has stands in a file for its owner alone."""
    done = indicators('compare = "a.key"', "--log", "log")
    hashed = [row["value"] for row in told() if row["type"] in ("payment", "device")]
    assert sorted(one for one in hashed if ":" not in one) == ["card-1", "device-1"] and len(hashed) == 4
    assert "card-2" not in str(told()) and "card-" not in done.err + done.out
    assert Path("log/indicators.parquet").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("compare", "more", "says"),
    [
        ("", ("--log", "log"), "0 of them are in log; of 4 we have no key"),
        ('compare = "other.key"', ("--log", "log"), "0 of them are in log"),
        ('compare = "a.key"', (), "say --log LOG"),
    ],
    ids=["no key", "another's key", "no log"],
)
def test_nothing_is_met_without(there: Path, compare: str, more: tuple[str, ...], says: str) -> None:
    share("key", "somebody", "--out", "b/other.key", "--state", "a/state", *AT)
    done = indicators(compare, *more)
    assert done.code == 0 and says in done.err and matches(there) == []


def test_keys_of_several_quarters_and_what_is_said_of_it(there: Path) -> None:
    share("key", "b", "--out", "b/next.key", "--epoch", "2026q2", "--state", "a/state", *AT)
    done = indicators('compare = ["next.key", "a.key"]', "--log", "log", "--json")
    assert json.loads(done.out)["hashed"] == {"told": 4, "met": 2, "without_key": 0, "pseudonyms_in_log": 1}


def test_a_key_that_others_can_read(there: Path) -> None:
    Path("b/a.key").chmod(0o644)
    done = indicators('compare = "a.key"', "--log", "log")
    assert done.code == 12 and "open to others" in done.err
