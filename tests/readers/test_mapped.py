"""`--map`: paths, units and constants, and what is said of a mapping that cannot be meant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from shape_rows import put

from stillwatch.config import Reading
from stillwatch.errors import BadConfiguration
from stillwatch.readers import open_log
from stillwatch.readers.mapped import lines_of, mapping

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ERRORS = Path(__file__).parent.parent / "errors"
RECORD = {
    "id": "r1",
    "auth": {"customer": {"id": "a"}},
    "at": 1_771_923_600_250,
    "attributes": {"user.id": "b"},
    "turns": [{"who": "x", "said": "first"}, {"who": "y", "said": "P"}],
    "body": '{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}]}',
    "prompt": "its own",
    "model": "m",
}


def read(folder: Path, *maps: str, records: Any = (RECORD,), **reading: Any) -> tuple[list[dict[str, Any]], list[str]]:
    (folder / "exchanges").mkdir(exist_ok=True)
    (folder / "exchanges/a.jsonl").write_bytes(b"\n".join(map(orjson.dumps, records)))
    chunks = list(open_log(folder, Reading(map=maps, **reading), NOW).chunks())
    rows = [row for chunk in chunks for row in chunk.batch.to_pylist()]
    return rows, [f"{one.line} {one.column}: {one.reason}" for chunk in chunks for one in chunk.rejects]


USUAL = ("exchange_id=id", "account_id=auth.customer.id", "timestamp=at@ms")


@pytest.mark.parametrize(
    ("given", "column", "value"),
    [
        ("prompt=turns[-1].said", "prompt", "P"),
        ("prompt=turns[0].said", "prompt", "first"),
        ('account_id=attributes["user.id"]', "account_id", "b"),
        ("channel==api", "channel", "api"),
        ("channel===", "channel", "="),
        ("model=body.messages[0].role", "model", "system"),  # into JSON that stands in a text
        ("timestamp=at@ms", "timestamp", datetime(2026, 2, 24, 9, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_path_a_place_a_quoted_key_and_a_constant(tmp_path: Path, given: str, column: str, value: Any) -> None:
    ((row,), rejects) = read(tmp_path, *USUAL, given)
    assert row[column] == value and rejects == []


def test_what_is_not_mapped_stays_and_the_last_of_two_counts(tmp_path: Path) -> None:
    ((row,), _) = read(tmp_path, *USUAL, "account_id==nobody", "account_id=auth.customer.id")
    assert (row["account_id"], row["prompt"], row["model"]) == ("a", "its own", "m")


def test_a_conversation_is_taken_apart(tmp_path: Path) -> None:
    ((row,), _) = read(tmp_path, *USUAL, "messages=body.messages")
    assert (row["system"], row["prompt"], row["turn"]) == ("S", "Q", 0)


@pytest.mark.parametrize(
    ("unit", "number"),
    [("s", 1_771_923_600), ("s", 1_771_923_600.0), ("ms", 1_771_923_600_000), ("us", "1771923600000000"),
     ("ns", 1_771_923_600_000_000_000)],
)  # fmt: skip
def test_units_of_time(tmp_path: Path, unit: str, number: Any) -> None:
    ((row,), _) = read(tmp_path, *USUAL, f"timestamp=at@{unit}", records=[{**RECORD, "at": number}])
    assert row["timestamp"] == datetime(2026, 2, 24, 9, tzinfo=UTC)


def test_a_number_in_another_unit_is_set_aside(tmp_path: Path) -> None:
    rows, rejects = read(tmp_path, *USUAL, "timestamp=at@s", records=[{**RECORD, "at": 1}, RECORD])
    assert rows == []
    assert rejects[0].startswith("1 timestamp: a number is not an instant")
    assert rejects[1].startswith("2 timestamp: the number 1771923600250 looks like milliseconds")


def test_a_mapping_has_the_last_word_over_a_log_format(tmp_path: Path) -> None:
    records = [
        {"request_id": "r", "request_created_at": "2026-02-24T09:00:00Z", "response_status": 200, "request_user_id": "u",
         "request_properties": {"customer": "c"}, "request_body": {"messages": [{"role": "user", "content": "P"}]}}
    ]  # fmt: skip
    ((row,), _) = read(tmp_path, "account_id=request_properties.customer", records=records)
    assert (row["account_id"], row["prompt"], row["exchange_id"]) == ("c", "P", "r")


def test_of_opentelemetry_a_path_begins_at_the_span(tmp_path: Path) -> None:
    put("opentelemetry-openllmetry-0.62.jsonl", tmp_path)
    maps = ('end_user_id=attributes["user.id"]', 'channel=resource["service.name"]')
    rows = [row for chunk in open_log(tmp_path, Reading(map=maps), NOW).chunks() for row in chunk.batch.to_pylist()]
    assert [(row["end_user_id"], row["channel"]) for row in rows] == [("acct-1", "sample")] * 3


def test_a_file_of_mappings(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('account_id = "auth.customer.id"\nchannel = "=api"\ntimestamp = "at@ms"\n')
    assert list(lines_of(path)) == ["account_id=auth.customer.id", "channel==api", "timestamp=at@ms"]
    path.write_text("account_id = 3\n")
    with pytest.raises(BadConfiguration, match="a path was expected"):
        list(lines_of(path))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("map_unknown_column", "acount_id=id"),
        ("map_no_path", "account_id"),
        ("map_bad_path", "account_id=a..b"),
        ("map_bad_unit", "timestamp=at@min"),
        ("map_unit_of_text", "account_id=id@s"),
    ],
)
def test_errors_say_what_where_allowed_and_next(name: str, given: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        mapping([given])
    assert str(caught.value) + "\n" == (ERRORS / f"{name}.txt").read_text()


@pytest.mark.parametrize("given", ["account_id=.a", "account_id=a[", "account_id=a[x]", 'account_id=a["b]', "account_id=a.",
                                   "account_id=a@b.c", "account_id="])  # fmt: skip
def test_a_path_that_cannot_be_meant_is_refused(given: str) -> None:
    with pytest.raises(BadConfiguration):
        mapping([given])


def test_a_path_that_leads_to_nothing_is_an_error_where_the_column_is_needed(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as caught:
        read(tmp_path, *USUAL, "account_id=auth.costumer.id")
    assert str(caught.value) + "\n" == (ERRORS / "map_leads_to_nothing.txt").read_text()


def test_and_said_where_it_is_not(tmp_path: Path) -> None:
    rows, rejects = read(tmp_path, *USUAL, "country=geo.cuntry")
    assert len(rows) == 1
    assert rejects == ["0 country: the path given with --map leads to nothing in the first 1 records"]
