"""The passes over exchanges: log → signals, in one go so that text never lands on disk, and signals → uses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.maps import ToSignals
from stillwatch.readers import Chunk, Log
from stillwatch.run.rejected import Rejected
from stillwatch.uses import Recogniser, uses

_BUFFER_BYTES = 1 << 20  # a column of a row group is streamed through this, not loaded as a whole
_AHEAD = 2  # chunks in work besides the one being read: enough to keep two cores busy, few enough to bound memory

In = TypeVar("In")
Out = TypeVar("Out")


def log_to_signals(
    log: Log,
    target: Path,
    to_signals: ToSignals,
    as_of: pa.TimestampScalar | None,
    rejected: Rejected,
    threads: int,
    advances: Callable[[int], None],
) -> int:
    """Read, clean and fingerprint every chunk; returns exchanges kept."""

    def work(chunk: Chunk) -> tuple[Chunk, pa.RecordBatch]:
        batch = chunk.batch
        if as_of is not None:
            batch = batch.filter(pc.less_equal(batch.column("timestamp"), as_of))
        return chunk, to_signals(batch, chunk.file, chunk.chunk)

    rows = 0
    partial = target.with_suffix(".partial")
    with pq.ParquetWriter(partial, tables.SIGNALS.schema, compression="lz4") as writer:
        for chunk, batch in in_order(work, log.chunks(), threads):
            rejected.add(chunk.rejects)
            rejected.pass_over(chunk.passed)
            if batch.num_rows:
                writer.write_batch(batch)
                rows += batch.num_rows
            advances(chunk.bytes_read)
    partial.replace(target)
    return rows


def signals_to_uses(
    sources: Sequence[Path], target: Path, templates: pa.Table, config: Config, advances: Callable[[int], None]
) -> int:
    """Name the template of every exchange; returns exchanges."""
    prompt, system = (Recogniser(templates, field, config.templates) for field in ("prompt", "system"))
    rows = 0
    partial = target.with_suffix(".partial")
    with pq.ParquetWriter(partial, tables.USES.schema, compression="lz4") as writer:
        batches = _batches(sources, config.reading.chunk_rows)
        for batch in in_order(lambda one: uses(one, prompt, system), batches, config.engine.threads):
            writer.write_batch(batch)
            rows += batch.num_rows
            advances(rows)
    partial.replace(target)
    return rows


def _batches(sources: Sequence[Path], rows: int) -> Iterator[pa.RecordBatch]:
    for source in sources:
        # Buffered ahead, whatever was read would be held to the end: 9 GB of 52 million exchanges.
        with pq.ParquetFile(source, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
            yield from file.iter_batches(batch_size=rows)


def in_order(work: Callable[[In], Out], items: Iterable[In], threads: int) -> Iterator[Out]:
    """Apply `work` on threads (its kernels let go of the interpreter), results in order, few at a time.

    Items are made on a thread of their own: reading the next goes on while the caller writes the last.
    """
    waiting: deque[Future[Out]] = deque()
    source = iter(items)

    def another() -> list[In]:
        return list(islice(source, 1))  # none at the end

    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(threads) as pool:
        upcoming = reader.submit(another)
        while found := upcoming.result():
            upcoming = reader.submit(another)
            waiting.append(pool.submit(work, found[0]))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
