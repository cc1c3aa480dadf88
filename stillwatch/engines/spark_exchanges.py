"""The map stages inside Spark's executors: Arrow batches in, Arrow batches out, by the functions that DuckDB's pass uses.

A pass gives rows of `signals` and, in the same stream, notes of what was set aside, so that the source is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import TaskContext

from stillwatch import tables
from stillwatch.engines.maps import ToSignals
from stillwatch.readers import Clock, Log, Raw, Reject, checked

Batches = Iterable[pa.RecordBatch]
Mapper = Callable[[Batches], Iterator[pa.RecordBatch]]

# Kinds of note: a row set aside, a column that occurs, rows read, records that are no exchanges.
REJECT, COLUMN, READ, PASSED = "reject", "column", "read", "passed"
_NOTE = [
    ("line", pa.int64()),
    ("note", pa.string()),
    ("in_file", pa.string()),
    ("of", pa.string()),
    ("why", pa.string()),
]
STAGED = pa.schema(
    [*(field.with_nullable(True) for field in tables.SIGNALS.schema), *map(pa.field, *zip(*_NOTE, strict=True))]
)


def from_files(log: Log, to_signals: ToSignals) -> Mapper:
    """Numbers of files of a log folder → STAGED; every executor has to see the folder under the same path."""

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for index in batch.column(0).to_pylist():
                seen: set[str] = set()
                for chunk in log.of_file(index):
                    lines = pa.array(chunk.line_numbers())
                    fresh = chunk.columns - seen
                    seen |= fresh
                    yield _rows(to_signals(chunk.batch, index, chunk.chunk), lines)
                    yield _notes(index, chunk.chunk, chunk.rows, fresh, chunk.rejects, chunk.passed)

    return run


def from_rows(name: str, clock: Clock, to_signals: ToSignals) -> Mapper:
    """Rows of a table → STAGED. A row's place is its partition and its number there; it is not the same next time."""

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        task = TaskContext.get()
        partition, start = (0 if task is None else task.partitionId()), 0
        for batch in batches:
            rows = np.arange(start, start + batch.num_rows, dtype=np.int32)
            columns = {one: batch.column(one) for one in batch.schema.names}
            good, rejects = checked(Raw(partition, 0, rows, columns, 0), tables.LOG_EXCHANGES, name, clock)
            start += batch.num_rows
            yield _rows(to_signals(good, 0, partition), pa.nulls(good.num_rows, pa.int64()))
            unnumbered = [Reject(name, 0, one.column, one.reason) for one in rejects]
            yield _notes(0, partition, batch.num_rows, frozenset(), unnumbered)

    return run


def mapped(function: Callable[[pa.RecordBatch], pa.RecordBatch], source: pa.Schema) -> Mapper:
    """A map stage as Spark calls it: batches come in Spark's spelling of the types, and are put into ours."""

    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield function(batch.cast(source))

    return run


def _rows(signals: pa.RecordBatch, lines: pa.Array) -> pa.RecordBatch:
    rest = [pa.nulls(signals.num_rows, kind) for _, kind in _NOTE[1:]]
    return pa.RecordBatch.from_arrays([*signals.columns, lines, *rest], schema=STAGED)


def _notes(
    file: int, chunk: int, rows: int, columns: frozenset[str] | set[str], rejects: list[Reject],
    passed: Mapping[str, int] = MappingProxyType({}),
) -> pa.RecordBatch:  # fmt: skip
    told: list[dict[str, Any]] = [{"note": READ, "line": rows}]
    told += [{"note": COLUMN, "of": name} for name in sorted(columns)]
    told += [{"note": PASSED, "of": what, "line": count} for what, count in passed.items()]
    told += [
        {"note": REJECT, "line": one.line, "in_file": one.file, "of": one.column, "why": one.reason} for one in rejects
    ]
    return pa.RecordBatch.from_pylist([{"file": file, "chunk": chunk, **one} for one in told], schema=STAGED)
