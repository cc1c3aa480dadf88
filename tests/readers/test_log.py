"""Chunks are the same every time, a text is found again by its place, and side tables come typed."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.config import Reading
from stillwatch.errors import StillwatchError
from stillwatch.readers import open_log
from stillwatch.readers.ids import SeenIds
from stillwatch.readers.patterns import compared
from stillwatch.tables import LOG_EXCHANGES

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ERRORS = Path(__file__).parent.parent / "errors"


def exchange(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "exchange_id": f"e{number}",
        "account_id": "a",
        "timestamp": "2026-02-01",
        "prompt": f"p{number}",
        **changes,
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Ten exchanges as JSON lines, forty in Parquet with small row groups, some rows of each not usable."""
    folder = tmp_path / "exchanges"
    (folder / "day=1").mkdir(parents=True)
    rows = [exchange(i, system="S") for i in range(10)]
    rows[3]["turn"] = "x"
    rows[6] = exchange(6, prompt=None, messages=[{"role": "system", "content": "T"}, {"role": "user", "content": "m6"}])
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(b"\n".join(map(orjson.dumps, rows))))
    table = pa.table(
        {
            "exchange_id": [f"e{i}" for i in range(8, 48)],
            "account_id": pa.array(["a"] * 40).dictionary_encode(),
            "timestamp": pa.array([datetime(2026, 2, 1)] * 40, pa.timestamp("ms")),
            "prompt": pa.array([f"p{i}" for i in range(8, 48)], pa.large_string()),
            "response": ["never read"] * 40,
            "of_no_interest": list(range(40)),
        }
    )
    pq.write_table(table, folder / "day=1" / "b.parquet", row_group_size=9)
    return tmp_path


@pytest.mark.parametrize("chunk_rows", [1, 4, 9, 20, 1000])
def test_every_row_is_found_again_at_its_place(log: Path, chunk_rows: int) -> None:
    opened = open_log(log, Reading(chunk_rows=chunk_rows), NOW)
    expected = {}
    for chunk in opened.chunks():
        assert chunk.batch.num_rows <= chunk_rows
        for row in chunk.batch.to_pylist():
            expected[chunk.file, chunk.chunk, row["row"]] = (row["system"], row["prompt"])
    assert len(expected) == 9 + 38
    assert ("T", "m6") in expected.values()
    assert opened.texts(expected) == expected


def test_chunks_have_the_declared_columns_and_types(log: Path) -> None:
    for chunk in open_log(log, Reading(), NOW).chunks():
        assert chunk.batch.schema.names == [*LOG_EXCHANGES.names, "row"]
        assert [field.type for field in chunk.batch.schema][:-1] == [column.held for column in LOG_EXCHANGES.columns]
        assert chunk.batch["response"].null_count == chunk.batch.num_rows


def test_reading_can_go_on_where_it_stopped(log: Path) -> None:
    opened = open_log(log, Reading(chunk_rows=7), NOW)
    every = [(one.file, one.chunk, one.batch) for one in opened.chunks()]
    for first in range(len(every) + 1):
        assert [(one.file, one.chunk, one.batch) for one in opened.chunks(first)] == every[first:]


def test_progress_ends_at_the_size_of_the_log(log: Path) -> None:
    opened = open_log(log, Reading(chunk_rows=7), NOW)
    read = [chunk.bytes_read for chunk in opened.chunks()]
    assert read == sorted(read) and read[-1] == opened.bytes


def test_present_names_the_columns_that_occur(log: Path) -> None:
    opened = open_log(log, Reading(), NOW)
    list(opened.chunks())
    assert opened.present == {
        "exchange_id", "account_id", "timestamp", "prompt", "response", "system", "turn", "messages",
    }  # fmt: skip


def test_side_tables_are_typed_and_checked(log: Path) -> None:
    (log / "accounts.jsonl").write_bytes(
        b'{"account_id": "a", "created_at": "2025-01-01", "email": "x@y.z"}\n'
        b'{"account_id": "a", "plan": "again"}\n'
        b'{"account_id": "b", "created_at": 12}\n'
        b'{"account_id": "c", "created_at": "1970-01-21T00:00:00Z"}\n'
        b'{"plan": "nobody"}\n'
    )
    pq.write_table(
        pa.table({"model": ["m"], "released_at": pa.array([datetime(2027, 1, 1)])}), log / "releases.parquet"
    )
    (log / "releases.jsonl").write_bytes(b"")
    (log / "declared.parquet").write_bytes(b"not parquet")
    opened = open_log(log, Reading(), NOW)
    accounts, rejects = opened.table("accounts")
    assert accounts is not None
    assert accounts.column("account_id").to_pylist() == ["a"]
    assert accounts.column("created_at").to_pylist() == [datetime(2025, 1, 1, tzinfo=UTC)]
    assert [(one.line, one.column) for one in sorted(rejects, key=lambda one: one.line)] == [
        (2, "account_id"),
        (3, "created_at"),
        (4, "created_at"),
        (5, "account_id"),
    ]
    releases, rejects = opened.table("releases")
    assert releases is not None and releases.num_rows == 1  # a release may be announced
    assert [(one.file, one.line) for one in rejects] == [("releases.jsonl", 0)]
    declared, rejects = opened.table("declared")
    assert declared is None and len(rejects) == 1
    assert opened.table("evidence") == (None, [])


def test_a_stix_bundle_is_a_table_of_indicators(log: Path) -> None:
    made = {"type": "indicator", "created_by_ref": "identity--1", "valid_from": "2026-01-01T00:00:00Z"}
    tlp = ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]
    objects = [
        {"type": "identity", "id": "identity--1", "name": "A peer"},
        {"type": "threat-actor", "id": "threat-actor--1", "name": "Somebody"},
        {"type": "relationship", "relationship_type": "indicates", "source_ref": "i1", "target_ref": "threat-actor--1"},
        {**made, "id": "i1", "pattern": "[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value='203.0.113.8']",
         "confidence": 80, "object_marking_refs": tlp},
        {**made, "id": "i2", "pattern": "[a:b = 'x' AND c:d = 'y']"},
        {**made, "id": "i3", "pattern": "[x-stillwatch:payment = 'it\\'s']"},
        {**made, "id": "i4", "pattern": "[domain-name:value = 'gone.example']", "revoked": True},
    ]  # fmt: skip
    (log / "indicators.json").write_bytes(orjson.dumps({"type": "bundle", "objects": objects}))
    table, rejects = open_log(log, Reading(), NOW).table("indicators")
    assert table is not None
    assert [(row["type"], row["value"], row["actor"], row["source"], row["tlp"]) for row in table.to_pylist()] == [
        ("ipv4-addr", "203.0.113.7", "Somebody", "A peer", "TLP:GREEN"),
        ("ipv4-addr", "203.0.113.8", "Somebody", "A peer", "TLP:GREEN"),
        ("payment", "it's", None, "A peer", None),
    ]
    assert [(one.line, one.reason.split(";")[0]) for one in rejects] == [
        (5, "not a simple STIX pattern"),
        (7, "revoked by its maker"),
    ]


@pytest.mark.parametrize(
    ("pattern", "pairs"),
    [
        ("[domain-name:value = 'a.b']", [("domain-name", "a.b")]),
        ("[file:hashes.'SHA-256' = 'ab']", [("file", "ab")]),
        ("[ipv4-addr:value != 'x']", []),
        ("[ipv4-addr:value = 'x'] FOLLOWEDBY [ipv4-addr:value = 'y']", []),
        ("nonsense", []),
    ],
)
def test_only_simple_patterns_are_values(pattern: str, pairs: list[tuple[str, str]]) -> None:
    assert compared(pattern) == pairs


def test_seen_ids_grow_and_forget_nothing() -> None:
    seen = SeenIds()
    ids = pa.array([f"id-{i}" for i in range(200_000)])
    assert all(seen.first(ids.slice(at, 50_000)).all() for at in range(0, 200_000, 50_000))
    assert not seen.first(ids.slice(150_000)).any()
    assert seen.first(pa.array(["x", "y", "x"])).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("readers_no_folder", None),
        ("readers_no_exchanges", {}),
        ("readers_all_empty", {"a.jsonl": b""}),
        ("readers_csv", {"a.csv": b"exchange_id,account_id,prompt\n1,2,3\n"}),
        ("readers_json_array", {"a.jsonl": b'[\n  {"exchange_id": "x"\n  }\n]\n'}),
        ("readers_gzip_under_a_plain_name", {"a.jsonl": gzip.compress(b"{}", mtime=0)}),
        ("readers_truncated_parquet", {"a.parquet": b"PAR1\x15\x04\x15"}),
    ],
)
def test_errors_say_what_where_allowed_and_next(tmp_path: Path, name: str, files: dict[str, bytes] | None) -> None:
    if files is not None:
        (tmp_path / "exchanges").mkdir()
        for one, content in files.items():
            (tmp_path / "exchanges" / one).write_bytes(content)
    folder = tmp_path if files is not None else tmp_path / "log"
    with pytest.raises(StillwatchError) as caught:
        list(open_log(folder, Reading(), NOW).chunks())
    assert str(caught.value).replace(str(tmp_path), "LOG") + "\n" == (ERRORS / f"{name}.txt").read_text()
