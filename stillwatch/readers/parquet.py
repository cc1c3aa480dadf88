"""Parquet: row groups cut into chunks at places that depend on the file and the settings alone.

Small row groups are read together, large ones in slices, so that `(file, chunk, row)` finds the same row again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.config import Reading
from stillwatch.readers.formats import CHUNK_BYTES, Broken, Format, Raw, Records

_PROBED_ROWS = 1_024  # rows read to learn how long a file's texts are: the footer does not tell, dictionaries hide it
_FEWEST_ROWS = 256  # rows a chunk, however long its texts
_BUFFER_BYTES = 1 << 20  # a column of a row group is streamed through this, not loaded as a whole
_TEXTS = ("system", "prompt", "messages", "tools")  # columns long enough to matter for memory
# What pyarrow raises on a damaged file; a corrupt length can ask for any amount of memory, hence the last one.
_DAMAGE = (pa.ArrowException, OSError, ValueError, MemoryError)


@dataclass(frozen=True)
class Span:
    """Row groups that are read together: whole small ones as one chunk, or one large one as several."""

    groups: list[int]
    rows: int
    first_chunk: int
    chunks: int
    start: int  # rows of the file before it

    @property
    def slice(self) -> int:
        """Rows a chunk: even slices, because a short last one costs as many calls as a full one."""
        return -(-self.rows // self.chunks)


def _names(path: Path) -> set[str]:
    try:
        with pq.ParquetFile(path) as file:
            return set(file.schema_arrow.names)
    except _DAMAGE as problem:
        raise Broken(f"not readable as Parquet: {_short(problem)}") from problem


def _raw(path: Path, reading: Reading, wanted: list[str], only: frozenset[int] | None) -> Iterator[Raw]:
    size = path.stat().st_size
    try:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
            rows = _rows_a_chunk(file, reading.chunk_rows)
            repeating = _repeating(file)
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES, read_dictionary=repeating) as file:
            total = max(file.metadata.num_rows, 1)
            have = [name for name in wanted if name in set(file.schema_arrow.names)]
            for span in _spans(file.metadata, rows):
                if only is not None and only.isdisjoint(range(span.first_chunk, span.first_chunk + span.chunks)):
                    continue
                batches = file.iter_batches(batch_size=span.slice, row_groups=span.groups, columns=have)
                start = span.start
                for chunk, table in enumerate(_exact(batches, span.slice), span.first_chunk):
                    columns = {name: _one(table[name]) for name in have}
                    used = size * (start + table.num_rows) // total
                    if only is None or chunk in only:
                        yield Raw(chunk, start, np.arange(table.num_rows, dtype=np.int32), columns, used)
                    start += table.num_rows
    except _DAMAGE as problem:
        raise Broken(f"the Parquet file is damaged: {_short(problem)}") from problem


def _records(path: Path, reading: Reading, only: frozenset[int] | None) -> Iterator[Records]:
    for raw in _raw(path, reading, sorted(_names(path)), only):
        values = [_python(column) for column in raw.columns.values()]
        rows = (dict(zip(raw.columns, row, strict=True)) for row in zip(*values, strict=True))
        yield Records(raw.chunk, raw.start, enumerate(rows), raw.bytes_read)


def _python(column: pa.Array) -> list[Any]:
    """Values as JSON would have them: instants as text, bytes that are no text replaced, so that no value is in the way."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        micros = pc.cast(column, pa.timestamp("us"), safe=False).cast(pa.int64())
        texts = np.datetime_as_string(micros.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[us]"))
        return [f"{text}Z" if there else None for text, there in zip(texts, column.is_valid().to_pylist(), strict=True)]
    try:
        return column.to_pylist()
    except UnicodeDecodeError as problem:
        if pa.types.is_nested(kind):
            raise Broken("texts inside a nested column are not UTF-8") from problem
        found = pc.cast(column, pa.binary() if kind != pa.large_string() else pa.large_binary()).to_pylist()
        return [None if one is None else one.decode("utf-8", "replace") for one in found]


def _repeating(file: pq.ParquetFile) -> list[str]:
    """Texts that a provider sends over and over are left as the file codes them: laid out, they are most of a log."""
    texts = {column.name for column in tables.LOG_EXCHANGES.columns if column.repeats}
    return [field.name for field in file.schema_arrow if field.name in texts and pa.types.is_string(field.type)]


def _rows_a_chunk(file: pq.ParquetFile, most: int) -> int:
    """Rows that keep a chunk's texts under CHUNK_BYTES, judged by the first rows of the file."""
    texts = [name for name in _TEXTS if name in file.schema_arrow.names]
    if not texts or not file.metadata.num_rows:
        return most
    first = next(g for g in range(file.num_row_groups) if file.metadata.row_group(g).num_rows)
    probe = next(file.iter_batches(batch_size=_PROBED_ROWS, row_groups=[first], columns=texts), None)
    if probe is None or not probe.num_rows:
        return most
    fitting = int(CHUNK_BYTES / (probe.get_total_buffer_size() / probe.num_rows + 1))
    return min(most, max(_FEWEST_ROWS, fitting))


def _spans(metadata: pq.FileMetaData, rows: int) -> Iterator[Span]:
    """Neighbouring row groups together while they fit into one chunk, else each alone in several."""
    chunk = start = pending = 0
    waiting: list[int] = []
    for group in range(metadata.num_row_groups + 1):
        count = metadata.row_group(group).num_rows if group < metadata.num_row_groups else 0
        if pending and (pending + count > rows or group == metadata.num_row_groups):
            chunks = -(-pending // rows)
            yield Span(waiting, pending, chunk, chunks, start)
            chunk, start, pending, waiting = chunk + chunks, start + pending, 0, []
        waiting.append(group)
        pending += count


def _exact(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of exactly `rows`, the last one shorter: readers may cut batches where pages end."""
    waiting: list[pa.RecordBatch] = []
    held = 0
    for batch in batches:
        while held + batch.num_rows >= rows:
            head = rows - held
            yield pa.Table.from_batches([*waiting, batch.slice(0, head)])
            batch, waiting, held = batch.slice(head), [], 0
        if batch.num_rows:
            waiting.append(batch)
            held += batch.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting)


def _one(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_string(column.type) and column.nbytes >= 2**31:  # 32-bit offsets would overflow
        raise Broken("the texts of one chunk exceed 2 GiB: lower reading.chunk_rows")
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _short(problem: BaseException) -> str:
    text = str(problem).split("\n")[0].strip() or type(problem).__name__
    return text[:160]


PARQUET = Format("Parquet", (".parquet",), _names, True, _raw, _records)
