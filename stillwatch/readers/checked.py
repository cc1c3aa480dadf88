"""Raw rows checked against a declared table: typed, complete, with a clock that can be right. The rest is set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.config import Reading
from stillwatch.conversations import resolved
from stillwatch.readers.formats import Raw, Reject
from stillwatch.readers.instants import outside
from stillwatch.readers.typed import typed
from stillwatch.tables import INSTANT, Table

# Columns of LOG_EXCHANGES that nothing after reads: decoding answers would double the work.
UNREAD = frozenset({"response", "latency_ms"})
_FIRST_ACCOUNTS = datetime(1995, 1, 1, tzinfo=UTC)  # earlier sign-ups and bans are clocks in the wrong unit
_FIRST_DOMAINS = datetime(1985, 1, 1, tzinfo=UTC)  # the year of the first names under .com and .edu
_MISSING = "is missing"
ROW = pa.field("row", pa.int32(), nullable=False)  # rides along with exchanges: place inside the chunk, rejects counted


@dataclass(frozen=True)
class Clock:
    """Between which instants an event can have happened."""

    oldest: datetime
    latest: datetime

    @classmethod
    def of(cls, reading: Reading, now: datetime) -> Clock:
        oldest = datetime.fromisoformat(reading.oldest)
        return cls(
            oldest if oldest.tzinfo else oldest.replace(tzinfo=UTC),
            now + timedelta(hours=reading.future_tolerance_hours),
        )


def checked(raw: Raw, table: Table, file: str, clock: Clock) -> tuple[pa.RecordBatch, list[Reject]]:
    """The rows that can be used, in the table's schema with `row` added, and a reject for every other."""
    rows = len(raw.rows)
    bad: dict[int, tuple[str, str]] = {}  # row → (column, reason); the first thing wrong with a row is enough
    arrays: list[pa.Array] = []
    for column in table.columns:
        values = raw.columns.get(column.name)
        if values is None:
            arrays.append(pa.nulls(rows, column.held))
            missing = dict.fromkeys(range(rows), _MISSING) if column.required else {}
        else:
            array, missing = typed(values, column)
            arrays.append(array)
            if column.required:
                missing = {**_empty(array), **missing}
            if column.type == INSTANT:
                missing.update(_clocks(array, column.name, clock))
        for row, reason in missing.items():
            bad.setdefault(row, (column.name, reason))
    if "messages" in table.names:
        arrays, unresolved = resolved(arrays, table.names)
        for row, (name, reason) in unresolved.items():
            bad.setdefault(row, (name, reason))
    fields = [pa.field(column.name, column.held) for column in table.columns]
    batch = pa.RecordBatch.from_arrays([*arrays, pa.array(raw.rows)], schema=pa.schema([*fields, ROW]))
    rejects = [Reject(file, raw.start + place + 1, "", reason) for place, reason in raw.broken]
    rejects += [Reject(file, raw.line(raw.rows[row]), *_hinted(raw, *what)) for row, what in bad.items()]
    if bad:
        kept = np.ones(rows, np.bool_)
        kept[list(bad)] = False
        batch = batch.filter(pa.array(kept))
    return batch, sorted(rejects, key=lambda one: one.line)


def _hinted(raw: Raw, column: str, reason: str) -> tuple[str, str]:
    hint = raw.hints.get(column, "") if reason.startswith(_MISSING) else ""
    return column, f"{reason}; {hint}" if hint else reason


def _empty(array: pa.Array) -> dict[int, str]:
    wrong = array.is_null()
    if pa.types.is_string(array.type):
        wrong = pc.or_(wrong, pc.fill_null(pc.equal(pc.binary_length(array), 0), False))
    return dict.fromkeys(np.flatnonzero(wrong.to_numpy(zero_copy_only=False)).tolist(), _MISSING)


def _clocks(array: pa.Array, name: str, clock: Clock) -> dict[int, str]:
    """`timestamp` is an event that happened; other instants may lie ahead (expiry) or years back (sign-up)."""
    if name == "timestamp":
        return outside(array, clock.oldest, clock.latest)
    return outside(array, _FIRST_DOMAINS if name == "email_domain_since" else _FIRST_ACCOUNTS, None)
