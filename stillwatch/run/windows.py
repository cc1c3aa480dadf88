"""The log by windows of time: read once, then let in window by window, so that a look can read nothing later.

The windows lie in the folder `windows` of the tables; one let in is moved to the folder `signals`, which is the table of that
name. Where rows of the log are out of order, each goes to the window of its own time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.engines.maps import ToSignals
from stillwatch.readers import Chunk, Log
from stillwatch.run.rejected import Rejected
from stillwatch.run.texts import in_order

_OPEN = 48  # files written at a time: rows come nearly in order of time, and a process may have some hundred files open
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Windows:
    """Windows of one length, counted from the epoch: of six hours, they end at 00, 06, 12 and 18 UTC."""

    def __init__(self, folder: Path, every: timedelta) -> None:
        self._folder = folder
        self.every = every
        self._waiting, self._there = folder / "windows", folder / tables.SIGNALS.name

    def end(self, window: int) -> datetime:
        """The instant at which a window is over; none of its rows is as late."""
        return _EPOCH + (window + 1) * self.every

    def known(self) -> list[int]:
        """Every window that has rows, in order of time."""
        paths = [*self._waiting.glob("*.parquet"), *self._there.glob("*.parquet")]
        return sorted({window_of(path.name) for path in paths})

    def let_in(self, upto: int) -> None:
        """From now on `signals` has the rows of all windows up to this one, and no others."""
        self._there.mkdir(exist_ok=True)
        for path in self._waiting.glob("*.parquet"):
            if window_of(path.name) <= upto:
                path.rename(self._there / path.name)

    def read(
        self,
        log: Log,
        work_at: Callable[[datetime], ToSignals],
        as_of: pa.TimestampScalar | None,
        rejected: Rejected,
        threads: int,
        advances: Callable[[int], None],
    ) -> int:
        """Read, clean and fingerprint every chunk, into the windows of its rows; returns exchanges kept."""

        def work(chunk: Chunk) -> tuple[Chunk, list[tuple[int, pa.RecordBatch]]]:
            batch = chunk.batch
            if as_of is not None:
                batch = batch.filter(pc.less_equal(batch.column("timestamp"), as_of))
            return chunk, [
                (window, work_at(self.end(window))(part, chunk.file, chunk.chunk))
                for window, part in by_window(batch, self.every)
            ]

        rows = 0
        with Parts(self._waiting) as parts:
            for chunk, found in in_order(work, log.chunks(), threads):
                rejected.add(chunk.rejects)
                rejected.pass_over(chunk.passed)
                for window, batch in found:
                    parts.write(window, batch)
                    rows += batch.num_rows
                advances(chunk.bytes_read)
        return rows


def by_window(batch: pa.RecordBatch, every: timedelta) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each window, in order of time."""
    window = batch.column("timestamp").cast(pa.int64()).to_numpy() // (every // timedelta(microseconds=1))
    for one in np.unique(window):
        yield int(one), batch.filter(pa.array(window == one))


def window_of(name: str) -> int:
    """The window of a file of `Parts`, by the file's name."""
    return int(name.partition("-")[0])


class Parts:
    """Files by window, few open at a time; a window met again after its file was closed gets another."""

    def __init__(self, folder: Path, called: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.paths: list[Path] = []  # of all files so far
        self._folder = folder
        self._called = called
        self._open: OrderedDict[int, pq.ParquetWriter] = OrderedDict()

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, *problem: object) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, window: int, batch: pa.RecordBatch) -> None:
        if window not in self._open:
            if len(self._open) == _OPEN:
                self._open.popitem(last=False)[1].close()
            path = self._folder / f"{window:012d}-{self._called}{len(self.paths):06d}.parquet"
            self.paths.append(path)
            self._open[window] = pq.ParquetWriter(path, tables.SIGNALS.schema, compression="lz4")
        self._open.move_to_end(window)
        self._open[window].write_batch(batch)
