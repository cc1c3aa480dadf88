"""What was served, in the forms that logs have it in; what is no exchange is counted and costs no other."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.prove.served import Served, marks, served

ROW = {"exchange_id": "x", "timestamp": "2026-11-01", "prompt": "why", "response": "so"}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=3), of, max_size=3),
)


def read(path: Path, *rows: dict[str, Any], **more: Any) -> tuple[list[Served], Counter[str]]:
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in rows))
    aside: Counter[str] = Counter()
    return list(served(path, aside, **more)), aside


@pytest.mark.parametrize(
    ("row", "messages", "commitment"),
    [
        ({}, (("user", "why"),), ""),
        ({"system": "be kind"}, (("system", "be kind"), ("user", "why")), ""),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "tool"}]}, (("user", "a"), ("tool", "")), ""),
        ({"messages": '[{"role": "user", "content": [{"type": "text", "text": "a"}]}]'}, (("user", "a"),), ""),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": "rain"}]}]}, (("user", "rain"),), ""),
        ({"watermark_commitment": "c"}, (("user", "why"),), "c"),
    ],
)  # fmt: skip
def test_an_exchange(tmp_path: Path, row: dict[str, Any], messages: Any, commitment: str) -> None:
    found, aside = read(tmp_path / "log.jsonl", {**ROW, **row})
    assert found == [Served("x", "2026-11-01", messages, "so", commitment)] and not aside


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"response": None}, ""),
        ({"response": ""}, ""),
        ({"response": 5}, "the answer is not text"),
        ({"exchange_id": None}, "no exchange_id"),
        ({"prompt": ""}, "neither a prompt nor messages"),
        ({"messages": "{"}, "messages are not JSON"),
        ({"messages": ["a"]}, "messages are not a list of objects"),
    ],
)
def test_what_is_none_is_told_and_costs_no_other(tmp_path: Path, row: dict[str, Any], why: str) -> None:
    found, aside = read(tmp_path / "log.jsonl", {**ROW, **row}, {**ROW, "exchange_id": "y"})
    assert [one.id for one in found] == ["y"] and aside == ({why: 1} if why else {})


def test_the_decisions_say_which_answers_bear_a_mark(tmp_path: Path) -> None:
    decisions = tmp_path / "decisions.jsonl"
    decisions.write_bytes(b'{"exchange_id": "x", "watermark_commitment": "c"}\n{"exchange_id": "y"}\n')
    found, _ = read(tmp_path / "log.jsonl", ROW, {**ROW, "exchange_id": "y"}, marked=marks(decisions, Counter()))
    assert [one.commitment for one in found] == ["c", ""]


def test_a_log_folder_compressed_and_parquet(tmp_path: Path) -> None:
    folder = tmp_path / "LOG" / "exchanges"
    folder.mkdir(parents=True)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(orjson.dumps(ROW)))
    at = datetime(2026, 11, 1, tzinfo=UTC)
    pq.write_table(pa.Table.from_pylist([{**ROW, "exchange_id": "y", "timestamp": at}]), folder / "b.parquet")
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(orjson.dumps({**ROW, "exchange_id": "z"}) + b"\n")[:-9])
    aside: Counter[str] = Counter()
    assert [(one.id, one.at) for one in served(tmp_path / "LOG", aside)][:2] == [
        ("x", "2026-11-01"),
        ("y", "2026-11-01T00:00:00+00:00"),
    ]
    assert [why.partition(":")[0] for why in aside] == ["c.jsonl.gz"]


@pytest.mark.parametrize(("name", "error"), [("none", NothingToRead), ("log.csv", UnknownFormat)])
def test_what_cannot_be_read_is_an_error(tmp_path: Path, name: str, error: type[Exception]) -> None:
    (tmp_path / "log.csv").write_text("a,b")
    with pytest.raises(error):
        list(served(tmp_path / name, Counter()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from([*ROW, "messages", "system", "at", "id", "answer"]), _JSON, max_size=4),
        max_size=4,
    )
)
def test_nothing_in_a_row_breaks_the_reading_of_the_next(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    lines = [orjson.dumps(one, option=orjson.OPT_NON_STR_KEYS) for one in rows if _writable(one)]
    (tmp_path / "log.jsonl").write_bytes(b"\n".join([*lines, b"\xff\xfe", orjson.dumps(ROW)]))
    found = list(served(tmp_path / "log.jsonl", Counter()))
    assert found[-1].answer == "so" and all(one.written() for one in found)


def _writable(row: Any) -> bool:
    try:
        orjson.dumps(row)
    except TypeError:
        return False
    return True
