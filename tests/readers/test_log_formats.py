"""Logs of others in a log folder: recognised by content, every row found again, nothing lost beside a bad record."""

from __future__ import annotations

import gzip
import os
import pickle
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shape_rows import SAMPLED, SAMPLES, put

from docs.log_formats_page import gives
from stillwatch.config import Reading
from stillwatch.errors import BadConfiguration, UnknownFormat
from stillwatch.readers import Log, detected, open_log
from stillwatch.readers.loglines import LOG_LINES
from stillwatch.readers.shapes import ALL
from stillwatch.tables import LOG_EXCHANGES

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NATIVE = {"exchange_id": "e", "account_id": "a", "timestamp": "2026-02-01", "prompt": "p"}
# sample → what it is, exchanges in it, records that are none
EXPECTED = {
    "anthropic-batch": ("anthropic-batch", 2, {"answers of a batch": 2}),
    "envoy.log": ("envoy", 2, {"requests that ask no model for text": 1}),
    "helicone.jsonl": ("helicone", 2, {"requests that ask no model for text": 1}),
    "langfuse.jsonl": ("langfuse", 3, {"observations that are no generations": 1}),
    "litellm-spend.jsonl": ("litellm-spend", 3, {"calls that ask no model for text": 1}),
    "litellm.jsonl": ("litellm", 4, {"calls that ask no model for text": 1}),
    "openai-batch": ("openai-batch", 4, {"answers of a batch": 3, "requests that ask no model for text": 1}),
    "vllm-0.10.log": ("vllm", 2, {"lines that hold no prompt": 2}),
    "vllm-0.33.log": ("vllm", 2, {"lines that hold no prompt": 2}),
    **{
        f"opentelemetry{which}.jsonl": (
            "opentelemetry", 3, {"spans of tools, agents and embeddings": 1, "spans of other work": 1},
        )
        for which in ("", "-langfuse-5", "-openllmetry-0.33", "-openllmetry-0.62")
    },
}  # fmt: skip


def opened(folder: Path, **reading: Any) -> Log:
    return open_log(folder, Reading(**reading), NOW)


def read(log: Log) -> tuple[list[dict[str, Any]], list[tuple[int, str]], dict[str, int]]:
    rows, rejects, passed = [], [], dict[str, int]()
    for chunk in log.chunks():
        rows += chunk.batch.to_pylist()
        rejects += [(one.line, one.column) for one in chunk.rejects]
        passed |= {what: passed.get(what, 0) + count for what, count in chunk.passed.items()}
    return rows, rejects, passed


def records(sample: str) -> list[Any]:
    """Every line of a sample, as shapes get it."""
    files = [SAMPLES / sample] if (SAMPLES / sample).is_file() else sorted((SAMPLES / sample).rglob("*.jsonl"))
    assert LOG_LINES.records is not None
    return [one for file in files for chunk in LOG_LINES.records(file, Reading(), None) for _, one in chunk.records]


def test_every_sample_is_expected_and_every_shape_has_one() -> None:
    assert sorted(EXPECTED) == SAMPLED
    assert {name for name, *_ in EXPECTED.values()} == {one.name for one in ALL}


@pytest.mark.parametrize("sample", SAMPLED)
def test_a_sample_is_recognised_and_read(tmp_path: Path, sample: str) -> None:
    name, exchanges, others = EXPECTED[sample]
    log = opened(put(sample, tmp_path))
    assert {one.format.name for one in log.files} == {one.title for one in ALL if one.name == name}
    rows, rejects, passed = read(log)
    assert (len(rows), rejects, passed) == (exchanges, [], others)
    assert all(row["response"] is None for row in rows), "answers are never kept"


@pytest.mark.parametrize("sample", SAMPLED)
def test_what_a_sample_gives_is_told_in_the_docs(tmp_path: Path, sample: str) -> None:
    shape = next(one for one in ALL if one.name == EXPECTED[sample][0])
    log = opened(put(sample, tmp_path))
    read(log)
    assert log.present <= set(gives(shape))


@pytest.mark.parametrize("sample", SAMPLED)
def test_no_shape_claims_what_is_another_s(sample: str) -> None:
    for record in records(sample):
        claimed = {one.name for one in ALL if isinstance(record, str) == one.of_lines and one.recognises(record)}
        assert claimed <= {EXPECTED[sample][0]}


def test_no_shape_claims_a_row_of_the_contract() -> None:
    whole = {**dict.fromkeys(LOG_EXCHANGES.names, "x"), **NATIVE}
    assert [one.name for one in ALL if not one.of_lines and one.recognises(whole)] == []


def test_a_file_with_the_contracts_columns_goes_the_short_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detected, "_first", None)  # no record of it is looked at by shapes
    (tmp_path / "exchanges").mkdir()
    likes_litellm = {**NATIVE, "call_type": "completion", "metadata": {}, "model_map_information": {}, "startTime": 1.0}
    (tmp_path / "exchanges/a.jsonl").write_bytes(orjson.dumps(likes_litellm))
    (tmp_path / "exchanges/b.json").write_bytes(orjson.dumps({**NATIVE, "exchange_id": "f"}))
    log = opened(tmp_path)
    assert [one.format.name for one in log.files] == ["JSON lines", "log lines"]
    assert [row["exchange_id"] for row in read(log)[0]] == ["e", "f"]


@pytest.mark.parametrize("chunk_rows", [1, 2, 1000])
@pytest.mark.parametrize("sample", SAMPLED)
def test_every_row_is_found_again_at_its_place(tmp_path: Path, sample: str, chunk_rows: int) -> None:
    log = opened(put(sample, tmp_path), chunk_rows=chunk_rows)
    expected = {}
    for chunk in log.chunks():
        for row in chunk.batch.to_pylist():
            expected[chunk.file, chunk.chunk, row["row"]] = (row["system"], row["prompt"])
    assert len(expected) == EXPECTED[sample][1]
    assert log.texts(expected) == expected


@pytest.mark.parametrize("sample", SAMPLED)
def test_a_log_travels_to_executors(tmp_path: Path, sample: str) -> None:
    log = opened(put(sample, tmp_path))
    there: Log = pickle.loads(pickle.dumps(log))
    assert read(there) == read(log)


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".json", ".log", ".log.gz", ".parquet"])
def test_a_log_is_read_from_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    lines = (SAMPLES / "litellm-spend.jsonl").read_bytes()
    path = tmp_path / f"exchanges/spend{suffix}"
    path.parent.mkdir()
    if suffix == ".parquet":
        rows = [orjson.loads(line) for line in lines.splitlines()]
        for row in rows:
            row["startTime"] = datetime.fromisoformat(row["startTime"])
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_bytes(gzip.compress(lines) if suffix.endswith(".gz") else lines)
    rows, rejects, passed = read(opened(tmp_path))
    assert (len(rows), rejects, sum(passed.values())) == (3, [], 1)
    assert rows[0]["timestamp"].year == 2026


def test_rejects_name_the_line_of_a_row_among_many(tmp_path: Path) -> None:
    lines = [orjson.loads(line) for line in (SAMPLES / "opentelemetry.jsonl").read_bytes().splitlines()]
    second = next(one for scope in lines[1]["resourceSpans"] for one in scope["scopeSpans"])["spans"][0]
    second["attributes"] = [one for one in second["attributes"] if one["key"] != "user.id"]
    (tmp_path / "exchanges").mkdir()
    (tmp_path / "exchanges/a.jsonl").write_bytes(b"\n".join([*map(orjson.dumps, [*lines, lines[0]]), b"{"]))
    log = opened(tmp_path)
    rows, rejects, _ = read(log)
    assert len(rows) == 2
    assert rejects == [(2, "account_id"), (3, "exchange_id"), (3, "exchange_id"), (4, "")]
    reasons = [one.reason for chunk in log.chunks() for one in chunk.rejects]
    assert reasons[0].startswith("is missing; no user.id or enduser.id") and "--map" in reasons[0]


def test_a_log_can_be_named(tmp_path: Path) -> None:
    put("litellm.jsonl", tmp_path)
    assert len(read(opened(tmp_path, log_format="litellm"))[0]) == 4
    with pytest.raises(UnknownFormat, match="no record is an exchange: 5 requests that ask no model for text"):
        read(opened(tmp_path, log_format="envoy"))
    with pytest.raises(BadConfiguration, match="there is no log format called 'litelm'"):
        opened(tmp_path, log_format="litelm")


def test_a_log_file_of_nothing_known_is_set_aside_with_a_hint(tmp_path: Path) -> None:
    put("litellm.jsonl", tmp_path)
    (tmp_path / "exchanges/other.log").write_text("started\nstopped\n")
    (tmp_path / "exchanges/other.json").write_text('[\n{"a": 1}\n]\n')
    _, rejects, _ = read(opened(tmp_path))
    assert rejects == [(0, ""), (0, "")]


def scrambled(draw: st.DrawFn, value: Any, depth: int = 0) -> Any:
    """A JSON value with something in it exchanged for something else, or left out."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.sampled_from([None, True, -1, 2**63, 1e308, "", "x", "[", [], {}, [None], {"content": []}, [[]]])
        )
    if isinstance(value, dict) and depth < 12:
        return {
            key: scrambled(draw, one, depth + 1) if draw(st.integers(0, 3)) == 0 else one
            for key, one in value.items()
            if draw(st.integers(0, 19))
        }
    if isinstance(value, list) and depth < 12:
        return [scrambled(draw, one, depth + 1) for one in value]
    return value


@st.composite
def scrambled_records(draw: st.DrawFn) -> tuple[str, Any]:
    """A record of some sample's, damaged."""
    sample = draw(st.sampled_from([one for one in SAMPLED if not one.startswith("vllm")]))
    return sample, scrambled(draw, draw(st.sampled_from(records(sample))))


@settings(max_examples=400, deadline=None)
@given(scrambled_records())
def test_a_damaged_record_never_raises_and_never_costs_another(damaged: tuple[str, Any]) -> None:
    sample, record = damaged
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder)
        put(sample, log)
        file = min((log / "exchanges").rglob("*.*"), key=lambda one: (one.is_dir(), one.name.startswith("_"), one.name))
        file.write_bytes(file.read_bytes() + orjson.dumps(record) + b"\n")
        rows, rejects, passed = read(opened(log))
    assert len(rows) >= EXPECTED[sample][1]
    assert len(rows) + len(rejects) + sum(passed.values()) >= EXPECTED[sample][1] + sum(EXPECTED[sample][2].values())


@pytest.mark.filterwarnings("ignore:invalid escape sequence")  # of a damaged literal; Python writes none
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["vllm-0.10.log", "vllm-0.33.log"]), st.data())
def test_a_damaged_line_never_raises_and_never_costs_another(sample: str, data: st.DataObject) -> None:
    lines = (SAMPLES / sample).read_text().splitlines()
    line = data.draw(st.sampled_from(lines))
    at = data.draw(st.integers(0, len(line)))
    damaged = line[:at] + data.draw(st.text(max_size=5)) + line[at + data.draw(st.integers(0, 40)) :]
    with tempfile.TemporaryDirectory() as folder:
        log = put(sample, Path(folder))
        file = log / "exchanges" / sample
        file.write_bytes("\n".join([*lines, damaged.replace("chatcmpl-", "chatcmpl-9")]).encode("utf-8", "replace"))
        os.utime(file, (NOW.timestamp(), NOW.timestamp()))
        rows, _, _ = read(opened(log))
    assert len(rows) >= EXPECTED[sample][1]
