"""One batch absorbed: read, cleaned, fingerprinted, and laid down as signals by the hour they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.config import Config
from stillwatch.disk import settle
from stillwatch.engines.maps import ToSignals
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers import Chunk, Reject, open_log
from stillwatch.readers.ids import SeenIds
from stillwatch.readers.log import without_repeats
from stillwatch.run.texts import in_order
from stillwatch.run.watching.source import Taken
from stillwatch.run.watching.state import State
from stillwatch.run.windows import Parts, by_window

HOUR = timedelta(hours=1)


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
        aside = _Aside(taken, Counter(before.passed), list(taken.rejects))
        rows, newest = 0, before.newest
        oldest = int(since.timestamp()) * 1_000_000

        def work(chunk: Chunk) -> tuple[int, list[tuple[int, pa.RecordBatch]]]:
            at = chunk.batch.column("timestamp").cast(pa.int64()).to_numpy()
            return int(at.max(initial=0)), [
                (hour, to_signals(part, first + chunk.file, chunk.chunk)) for hour, part in by_window(chunk.batch, HOUR)
            ]

        with Parts(self.state.signals, f"{before.batches:09d}-") as parts:
            for latest, found in in_order(work, self._chunks(taken, now, oldest, aside), self.config.engine.threads):
                newest = max(newest, latest)
                for window, batch in found:
                    parts.write(window, batch)
                    rows += batch.num_rows
        settle([*parts.paths, self.state.signals])
        reasons = dict(before.reasons)
        for reject in aside.rejects:
            name = f"{reject.column or 'file'}: {reject.reason}"
            reasons[name] = reasons.get(name, 0) + 1
        self.state.commit(
            batches=before.batches + 1,
            position=taken.position,
            segments=(*before.segments, *(path.name for path in parts.paths)),
            taken=before.taken
            | {str(first + number): {**file, "batch": before.batches} for number, file in enumerate(taken.files)},
            present=tuple(sorted({*before.present, *aside.present})),
            rows=before.rows + rows,
            newest=newest,
            absorbed_at=now.isoformat(),
            rejected=before.rejected + len(aside.rejects),
            reasons=reasons,
            passed=dict(aside.passed),
            rejected_bytes=self._write(aside.rejects),
        )
        return rows

    def _chunks(self, taken: Taken, now: datetime, oldest: int, aside: _Aside) -> Iterator[Chunk]:
        """Chunks of the batch with rows that are new and not too old; whatever else is in it is put aside."""
        try:
            log = open_log(self.state.intake, self.config.reading, now, proven=self.state.manifest.rows > 0)
        except (NothingToRead, UnknownFormat) as problem:
            aside.rejects += [Reject(file["name"], 0, "", problem.what) for file in taken.files]
            return
        aside.add(log.set_aside)
        for index, file in enumerate(log.files):
            for chunk in log.of_file(index):
                lines = chunk.line_numbers()
                batch, repeats = without_repeats(chunk.batch, "exchange_id", self.seen, lines, file.name)
                late = pc.less(batch.column("timestamp").cast(pa.int64()), oldest)
                chunk = replace(chunk, batch=batch)
                too_late = [
                    Reject(file.name, int(line), "timestamp", "older than what is kept")
                    for line in chunk.line_numbers()[late.to_numpy(zero_copy_only=False)]
                ]
                aside.add(sorted(chunk.rejects + repeats + too_late, key=lambda one: one.line))
                aside.passed.update(chunk.passed)
                yield replace(chunk, batch=batch.filter(pc.invert(late)), file=_number(file.name))
        aside.present |= log.present

    def _write(self, rejects: list[Reject]) -> int:
        room = self.config.reading.max_rejects_written - self.state.manifest.rejected
        with self.state.rejected.open("ab") as file:
            file.writelines(orjson.dumps(one) + b"\n" for one in rejects[: max(room, 0)])
        settle([self.state.rejected])
        return self.state.rejected.stat().st_size


@dataclass
class _Aside:
    """What of a batch is no exchange that is kept, by the names and lines of the source."""

    taken: Taken
    passed: Counter[str]
    rejects: list[Reject] = field(default_factory=list)
    present: set[str] = field(default_factory=set)

    def add(self, rejects: list[Reject]) -> None:
        self.rejects += map(self._of_source, rejects)

    def _of_source(self, reject: Reject) -> Reject:
        number = _number(reject.file)
        if not 0 <= number < len(self.taken.files):
            return reject
        file, line = self.taken.placed(number, reject.line)
        return replace(reject, file=file, line=line)


def _number(name: str) -> int:
    """Which of the batch's files this is; the intake names them by number. -1 for another name."""
    number = name.rsplit("/", 1)[-1].partition("-")[0]
    return int(number) if number.isdecimal() else -1
