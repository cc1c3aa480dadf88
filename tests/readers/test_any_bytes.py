"""Whatever bytes a log holds, reading it ends, counts what is bad, and keeps every good row."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.config import Reading
from stillwatch.readers import open_log
from stillwatch.readers.typed import typed
from stillwatch.tables import LOG_EXCHANGES

NOW = datetime(2026, 3, 1, tzinfo=UTC)

near_misses = [b"[", b"{", b"PAR1", b"\x1f\x8b", b'{"exchange_id": 1}', b'{"timestamp": {}}', b"\xff\xfe{", b"\0"]
anything = st.one_of(
    st.none(), st.integers(-(2**63), 2**64 - 1), st.text(), st.floats(), st.booleans(), st.lists(st.integers(0, 9))
)
garbage = st.one_of(
    st.binary(max_size=60).map(lambda data: data.replace(b"\n", b" ")),
    st.sampled_from(near_misses),
    st.dictionaries(st.sampled_from(LOG_EXCHANGES.names), anything).map(
        lambda one: orjson.dumps({**one, "exchange_id": None})
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(garbage, st.just(None)), max_size=30), st.integers(1, 8), st.booleans())
def test_good_lines_survive_any_neighbours(lines: list[bytes | None], chunk_rows: int, last_newline: bool) -> None:
    good = 0
    content = []
    for line in [None, *lines]:  # None stands for a good line
        if line is None:
            line = orjson.dumps(
                {"exchange_id": f"e{good}", "account_id": "a", "timestamp": "2026-02-01T00:00:00Z", "prompt": "p"}
            )
            good += 1
        content.append(line)
    with tempfile.TemporaryDirectory() as folder:
        exchanges = Path(folder) / "exchanges"
        exchanges.mkdir()
        (exchanges / "a.jsonl").write_bytes(b"\n".join(content) + (b"\n" if last_newline else b""))
        chunks = list(open_log(Path(folder), Reading(chunk_rows=chunk_rows), NOW).chunks())
    assert [one for chunk in chunks for one in chunk.batch["exchange_id"].to_pylist()] == [f"e{i}" for i in range(good)]
    blank = sum(not line.strip() for line in content)
    assert good + sum(len(chunk.rejects) for chunk in chunks) + blank >= len(content)


values = st.one_of(
    st.none(), st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.text(max_size=8),
    st.sampled_from(["1", "2026-02-01", "2026-02-01T10:00:00.123456789+02:00", "true", "1e5", "9" * 30, [], {}]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(values, max_size=12), st.sampled_from(LOG_EXCHANGES.columns))
def test_a_value_is_typed_null_or_named_never_lost(given_values: list[Any], column: Any) -> None:
    array, bad = typed(given_values, column)
    assert array.type == column.held and len(array) == len(given_values)
    array.validate(full=True)
    for row, value in enumerate(given_values):
        if value is None:
            assert array[row].as_py() is None and row not in bad
        elif not (isinstance(value, float) and value != value):
            assert (array[row].as_py() is None) == (row in bad)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=50))
def test_whole_numbers_fit_exactly_or_are_named(numbers: list[int | None]) -> None:
    array, bad = typed(pa.array(numbers, pa.int64()), LOG_EXCHANGES.column("input_tokens"))
    for row, number in enumerate(numbers):
        if number is not None and -(2**31) <= number < 2**31:
            assert array[row].as_py() == number and row not in bad
        else:
            assert array[row].as_py() is None and (row in bad) == (number is not None)
