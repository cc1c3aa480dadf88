"""One batch absorbed: read, cleaned, fingerprinted, and laid down as signals by the hour they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.config import Config
from stillwatch.engines.maps import ToSignals
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers import Chunk, Reject, open_log
from stillwatch.readers.ids import SeenIds
from stillwatch.readers.log import without_repeats
from stillwatch.run.texts import in_order
from stillwatch.run.watching.growing import Taken
from stillwatch.run.watching.state import State, settle
from stillwatch.run.windows import Parts

HOUR = timedelta(hours=1)
_MICROS = HOUR // timedelta(microseconds=1)


@dataclass
class Absorber:
    """Holds what must not be computed anew for every batch: which ids were seen."""

    state: State
    config: Config
    seen: SeenIds

    @classmethod
    def of(cls, state: State, config: Config) -> Absorber:
        """Ids are those of the rows that are kept: what was forgotten may come again, and is then too late."""
        seen = SeenIds()
        for name in state.manifest.segments:
            with pq.ParquetFile(state.signals / name) as file:
                for batch in file.iter_batches(columns=["exchange_id"]):
                    seen.first(batch.column(0))
        return cls(state, config, seen)

    def absorb(self, taken: Taken, to_signals: ToSignals, now: datetime, since: datetime) -> int:
        """Lay down the batch in the intake and commit it; rows before `since` are set aside. Returns exchanges kept."""
        before = self.state.manifest
        first = max((int(number) for number in before.taken), default=-1) + 1
        rejects: list[Reject] = []
        present: set[str] = set()
        rows = 0
        oldest = int(since.timestamp()) * 1_000_000

        def work(chunk: Chunk) -> list[tuple[int, pa.RecordBatch]]:
            hour = chunk.batch.column("timestamp").cast(pa.int64()).to_numpy() // _MICROS
            return [
                (int(one), to_signals(chunk.batch.filter(pa.array(hour == one)), first + chunk.file, chunk.chunk))
                for one in np.unique(hour)
            ]

        with Parts(self.state.signals, f"{before.batches:09d}-") as parts:
            for found in in_order(work, self._chunks(taken, now, oldest, rejects, present), self.config.engine.threads):
                for window, batch in found:
                    parts.write(window, batch)
                    rows += batch.num_rows
        settle([*parts.paths, self.state.signals])
        reasons = dict(before.reasons)
        for reject in rejects:
            name = f"{reject.column or 'file'}: {reject.reason}"
            reasons[name] = reasons.get(name, 0) + 1
        self.state.commit(
            batches=before.batches + 1,
            position=taken.position,
            segments=(*before.segments, *(path.name for path in parts.paths)),
            taken=before.taken
            | {str(first + number): {**file, "batch": before.batches} for number, file in enumerate(taken.files)},
            present=tuple(sorted({*before.present, *present})),
            rows=before.rows + rows,
            rejected=before.rejected + len(rejects),
            reasons=reasons,
            rejected_bytes=self._write(rejects),
        )
        return rows

    def _chunks(
        self, taken: Taken, now: datetime, oldest: int, rejects: list[Reject], present: set[str]
    ) -> Iterator[Chunk]:
        """Chunks of the batch with rows that are new and not too old; whatever else is in it goes to `rejects`."""
        told = _Told(taken)
        try:
            log = open_log(self.state.intake, self.config.reading, now)
        except (NothingToRead, UnknownFormat) as problem:
            rejects += [Reject(file["name"], 0, "", problem.what) for file in taken.files]
            return
        rejects += told.of_source(log.set_aside)
        for index in range(len(log.files)):
            for chunk in log.of_file(index):
                batch, repeats = without_repeats(
                    chunk.batch, "exchange_id", self.seen, chunk.start, log.files[index].name
                )
                late = pc.less(batch.column("timestamp").cast(pa.int64()), oldest)
                places = batch.filter(late).column("row").to_numpy()
                too_late = [
                    Reject(log.files[index].name, chunk.start + int(place) + 1, "timestamp", "older than what is kept")
                    for place in places
                ]
                rejects += told.of_source(sorted(chunk.rejects + repeats + too_late, key=lambda one: one.line))
                number = int(log.files[index].name.split("/")[-1].split("-")[0])
                yield replace(chunk, batch=batch.filter(pc.invert(late)), file=number)
        present |= log.present

    def _write(self, rejects: list[Reject]) -> int:
        path = self.state.folder / "rejected.jsonl"
        room = self.config.reading.max_rejects_written - self.state.manifest.rejected
        with path.open("ab") as file:
            file.writelines(orjson.dumps(one) + b"\n" for one in rejects[: max(room, 0)])
        settle([path])
        return path.stat().st_size


class _Told:
    """Rejects of the intake by the names and lines of the source."""

    def __init__(self, taken: Taken) -> None:
        self._files = taken.files

    def of_source(self, rejects: list[Reject]) -> list[Reject]:
        return [self._one(reject) for reject in rejects]

    def _one(self, reject: Reject) -> Reject:
        number = reject.file.split("/")[-1].split("-")[0]
        if not number.isdigit() or int(number) >= len(self._files):
            return reject
        file = self._files[int(number)]
        return replace(reject, file=file["name"], line=reject.line + file["line"] if reject.line else 0)
