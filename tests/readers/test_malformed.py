"""Ten ways in which a log can be broken. Each is counted or refused in words, and the good rows survive."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers import Reject, open_log

NOW = datetime(2026, 3, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")


def row(number: int, **changes: Any) -> dict[str, Any]:
    usual = {"exchange_id": f"e{number}", "account_id": "a", "timestamp": "2026-02-01T10:00:00Z", "prompt": "hello"}
    return {**usual, **changes}


def jsonl(*rows: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(one) + b"\n" for one in rows)


def parquet(path: Path, rows: int = 3, first: int = 0, **columns: Any) -> Path:
    usual = {
        "exchange_id": [f"p{first + i}" for i in range(rows)],
        "account_id": ["a"] * rows,
        "timestamp": pa.array([NOW - timedelta(days=1)] * rows, INSTANT),
        "prompt": ["hello"] * rows,
    }
    pq.write_table(pa.table({**usual, **columns}), path)
    return path


@pytest.fixture
def exchanges(tmp_path: Path) -> Path:
    folder = tmp_path / "log" / "exchanges"
    folder.mkdir(parents=True)
    return folder


def read(exchanges: Path, reading: Reading | None = None) -> tuple[list[str], list[Reject]]:
    ids: list[str] = []
    rejects: list[Reject] = []
    for chunk in open_log(exchanges.parent, reading or Reading(), NOW).chunks():
        ids += chunk.batch["exchange_id"].to_pylist()
        rejects += chunk.rejects
    return ids, rejects


def brief(rejects: list[Reject]) -> list[tuple[str, int, str]]:
    return [(one.file.removeprefix("exchanges/"), one.line, one.column) for one in rejects]


# 1. a truncated Parquet file


def test_a_truncated_parquet_file_beside_a_good_one_is_one_reject(exchanges: Path) -> None:
    parquet(exchanges / "good.parquet")
    broken = parquet(exchanges / "broken.parquet", first=10)
    broken.write_bytes(broken.read_bytes()[:-40])
    ids, rejects = read(exchanges)
    assert ids == ["p0", "p1", "p2"]
    assert brief(rejects) == [("broken.parquet", 0, "")]
    assert "not readable as Parquet" in rejects[0].reason


def test_a_truncated_parquet_file_alone_is_an_unknown_format(exchanges: Path) -> None:
    broken = parquet(exchanges / "broken.parquet")
    broken.write_bytes(broken.read_bytes()[:-40])
    with pytest.raises(UnknownFormat, match="not readable as Parquet"):
        read(exchanges)


def test_a_parquet_file_with_damaged_pages_keeps_the_rows_before(exchanges: Path) -> None:
    path = exchanges / "a.parquet"
    parquet(path, rows=400, prompt=[f"{i} {os.urandom(40).hex()}" for i in range(400)])
    table = pq.read_table(path)
    pq.write_table(table, path, row_group_size=100, compression="zstd", use_dictionary=False)
    place = pq.ParquetFile(path).metadata.row_group(2).column(3).data_page_offset
    content = bytearray(path.read_bytes())
    content[place : place + 60] = b"\xff" * 60
    path.write_bytes(content)
    ids, rejects = read(exchanges, Reading(chunk_rows=100))
    assert ids == [f"p{i}" for i in range(200)]
    assert brief(rejects) == [("a.parquet", 0, "")]


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".zst", lambda data: zstandard.ZstdCompressor().compress(data))]
)
def test_a_compressed_file_that_is_cut_off_keeps_the_rows_before(exchanges: Path, suffix: str, compress: Any) -> None:
    whole = compress(jsonl(*(row(i, prompt=os.urandom(60).hex()) for i in range(3000))))
    (exchanges / f"a.jsonl{suffix}").write_bytes(whole[: len(whole) * 4 // 5])
    ids, rejects = read(exchanges)
    assert 1500 < len(ids) < 2600
    assert brief(rejects) == [(f"a.jsonl{suffix}", 0, "")]
    assert "cut off" in rejects[0].reason


# 2. wrong types


def test_wrong_types_cost_the_row_and_no_other(exchanges: Path) -> None:
    (exchanges / "a.jsonl").write_bytes(
        jsonl(
            row(0),
            row(1, input_tokens="many"),
            row(2, account_id={"id": 3}),
            row(3, stream="perhaps"),
            row(4, input_tokens=2**40),
            row(5, input_tokens="17", temperature=1, status="200"),
            row(6, turn=1.5),
            row(7, account_id=12),
            row(8, account_id=1.5),
        )
    )
    parquet(exchanges / "b.parquet", input_tokens=["1", "x", None], status=pa.array([200, 70_000, None], pa.int64()))
    ids, rejects = read(exchanges)
    assert ids == ["e0", "e5", "e7", "p0", "p2"]
    assert brief(rejects) == [
        ("a.jsonl", 2, "input_tokens"),
        ("a.jsonl", 3, "account_id"),
        ("a.jsonl", 4, "stream"),
        ("a.jsonl", 5, "input_tokens"),
        ("a.jsonl", 7, "turn"),
        ("a.jsonl", 9, "account_id"),
        ("b.parquet", 2, "input_tokens"),
    ]


def test_required_columns_must_have_a_value(exchanges: Path) -> None:
    (exchanges / "a.jsonl").write_bytes(
        jsonl(
            row(0),
            row(1, account_id=None),
            row(2, exchange_id=""),
            row(3, prompt=None),
            row(4, messages="[]", prompt=None),
        )
    )
    ids, rejects = read(exchanges)
    assert ids == ["e0"]
    assert brief(rejects) == [
        ("a.jsonl", n, c) for n, c in ((2, "account_id"), (3, "exchange_id"), (4, "prompt"), (5, "messages"))
    ]


def test_a_file_without_a_required_column_is_one_reject_not_one_per_row(exchanges: Path) -> None:
    pq.write_table(pa.table({"exchange_id": ["x"], "prompt": ["y"]}), exchanges / "a.parquet")
    parquet(exchanges / "b.parquet")
    ids, rejects = read(exchanges)
    assert len(ids) == 3
    assert brief(rejects) == [("a.parquet", 0, "account_id")]
    assert "it has exchange_id, prompt" in rejects[0].reason


# 3. a clock in milliseconds


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (1_769_940_000, "looks like seconds"),
        (1_769_940_000_000, "looks like milliseconds"),
        (1_769_940_000_000_000, "looks like microseconds"),
        (12, "a number is not an instant"),
        ("yesterday", "the text is not an instant"),
        ("2026-13-01T00:00:00Z", "the text is not an instant"),
    ],
)
def test_a_number_for_a_time_is_refused_with_the_unit_it_looks_like(exchanges: Path, value: Any, says: str) -> None:
    (exchanges / "a.jsonl").write_bytes(jsonl(row(0), row(1, timestamp=value)))
    ids, rejects = read(exchanges)
    assert ids == ["e0"]
    assert brief(rejects) == [("a.jsonl", 2, "timestamp")]
    assert says in rejects[0].reason and "allowed: a timestamp column, or RFC 3339" in rejects[0].reason


def test_milliseconds_stored_as_microseconds_are_recognised_by_the_year(exchanges: Path) -> None:
    true = int((NOW - timedelta(days=1)).timestamp() * 1000)
    parquet(exchanges / "a.parquet", timestamp=pa.array([true, true * 1000, true * 10**6], INSTANT))
    ids, rejects = read(exchanges)
    assert ids == ["p1"]
    assert [one.reason.partition("Z is ")[2] for one in rejects] == [
        "before 2015-01-01: the clock looks like milliseconds written as microseconds",
        "later than 2026-03-02T00:00Z, so in the future: the clock looks like microseconds written as milliseconds",
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_timestamps_of_any_unit_and_zone_are_the_same_instant(exchanges: Path, unit: str, zone: str | None) -> None:
    instants = pa.array([NOW - timedelta(days=1)] * 3, INSTANT).cast(pa.timestamp(unit, zone))
    parquet(exchanges / "a.parquet", timestamp=instants)
    (chunk,) = open_log(exchanges.parent, Reading(), NOW).chunks()
    assert chunk.batch["timestamp"].to_pylist() == [NOW - timedelta(days=1)] * 3


# 4. duplicate ids


def test_of_exchanges_with_the_same_id_the_first_is_kept(exchanges: Path) -> None:
    (exchanges / "a.jsonl").write_bytes(jsonl(row(0), row(1), row(0, prompt="again"), row(2, turn="bad"), row(2)))
    (exchanges / "b.jsonl").write_bytes(jsonl(row(1), row(3)))
    ids, rejects = read(exchanges, Reading(chunk_rows=2))
    assert ids == ["e0", "e1", "e2", "e3"]
    assert brief(rejects) == [
        ("a.jsonl", 3, "exchange_id"),
        ("a.jsonl", 4, "turn"),
        ("b.jsonl", 1, "exchange_id"),
    ]
    assert rejects[0].reason == "duplicate of an exchange already read"


# 5. a line of 50 MB


def test_a_line_beyond_the_limit_is_passed_over(exchanges: Path) -> None:
    with (exchanges / "a.jsonl").open("wb") as file:
        file.write(jsonl(row(0)) + b'{"exchange_id": "huge", "prompt": "')
        for _ in range(50):
            file.write(b"x" * 2**20)
        file.write(b'"}\n' + jsonl(row(1)))
    ids, rejects = read(exchanges)
    assert ids == ["e0", "e1"]
    assert brief(rejects) == [("a.jsonl", 2, "")]
    assert "longer than reading.max_line_bytes" in rejects[0].reason


# 6. invalid UTF-8, and lines that are not objects


def test_lines_that_are_not_json_objects_are_set_aside_alone(exchanges: Path) -> None:
    bad = jsonl(row(1)).replace(b"hello", b"he\xffllo")
    lines = [jsonl(row(0)), bad, b"[1]\n", b"null\n", b"\n", b'{"exchange_id": \n', jsonl(row(2))]
    (exchanges / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + b"".join(lines))
    ids, rejects = read(exchanges)
    assert ids == ["e0", "e2"]
    assert brief(rejects) == [("a.jsonl", 2, ""), ("a.jsonl", 3, ""), ("a.jsonl", 4, ""), ("a.jsonl", 6, "")]
    assert rejects[0].reason.startswith("not UTF-8: byte ")


def test_invalid_utf8_inside_parquet_costs_that_row(exchanges: Path) -> None:
    raw = pa.array([b"fine", b"\xff\xfe", b"fine"], pa.binary())
    spoiled = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2])
    parquet(exchanges / "a.parquet", prompt=spoiled)
    ids, rejects = read(exchanges)
    assert ids == ["p0", "p2"]
    assert [(one.line, one.column, one.reason) for one in rejects] == [(2, "prompt", "not UTF-8")]


# 7. an empty folder


def test_nothing_to_read_is_said_at_once(tmp_path: Path) -> None:
    for make in (lambda: None, lambda: (tmp_path / "log").mkdir(), lambda: (tmp_path / "log" / "exchanges").mkdir()):
        make()
        with pytest.raises(NothingToRead):
            open_log(tmp_path / "log", Reading(), NOW)
    (tmp_path / "log" / "exchanges" / "a.jsonl").touch()
    with pytest.raises(NothingToRead, match="every file of the log is empty"):
        open_log(tmp_path / "log", Reading(), NOW)


def test_link_needs_no_exchanges(tmp_path: Path) -> None:
    assert list(open_log(tmp_path, Reading(), NOW, needs_exchanges=False).chunks()) == []


# 8. dates in the future


def test_the_future_is_refused_beyond_the_tolerance(exchanges: Path) -> None:
    times = [NOW + timedelta(hours=23), NOW + timedelta(hours=25), NOW + timedelta(days=400)]
    parquet(exchanges / "a.parquet", timestamp=pa.array(times, INSTANT))
    ids, rejects = read(exchanges)
    assert ids == ["p0"]
    assert [one.line for one in rejects] == [2, 3]
    assert rejects[0].reason == "2026-03-02T01:00:00Z is later than 2026-03-02T00:00Z, so in the future"


# 9. accounts that contradict the exchanges: tests/test_registered.py


# 10. links in circles


def test_links_are_never_followed_twice_nor_outside(exchanges: Path, tmp_path: Path) -> None:
    parquet(exchanges / "good.parquet")
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    parquet(outside / "secret.parquet", first=50)
    (exchanges / "again.parquet").symlink_to(exchanges / "good.parquet")
    (exchanges / "circle.parquet").symlink_to(exchanges / "circle.parquet")
    (exchanges / "loop").symlink_to(exchanges)
    (exchanges / "nothing.jsonl").symlink_to(exchanges / "missing")
    (exchanges / "outside").symlink_to(outside)
    os.mkfifo(exchanges / "pipe.jsonl")
    ids, rejects = read(exchanges)
    assert ids == ["p0", "p1", "p2"]
    assert {one.file.removeprefix("exchanges/"): one.reason for one in rejects} == {
        "again.parquet": "a link to exchanges/good.parquet, which is read already",
        "circle.parquet": "a link in a circle or to nothing",
        "loop": "a link to exchanges, which is read already",
        "nothing.jsonl": "a link in a circle or to nothing",
        "outside": "a link to a place outside the log folder: not followed",
        "pipe.jsonl": "not a regular file",
    }


def test_a_folder_named_like_a_file_is_read_as_parts(exchanges: Path) -> None:
    (exchanges / "day.parquet").mkdir()
    parquet(exchanges / "day.parquet" / "part-0.parquet")
    (exchanges / "day.parquet" / "_SUCCESS").touch()
    (exchanges / "empty.parquet").mkdir()
    (exchanges / "notes.csv").write_text("a,b,c\n1,2,3\n")
    ids, rejects = read(exchanges)
    assert ids == ["p0", "p1", "p2"]
    assert brief(rejects) == [("empty.parquet", 0, ""), ("notes.csv", 0, "")]
    assert "CSV" in rejects[1].reason
