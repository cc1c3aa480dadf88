"""`stillwatch watch`: absorb what comes, look every so often, keep campaigns through time."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.campaigns.alarm import threshold
from stillwatch.campaigns.document import instant
from stillwatch.config import Config
from stillwatch.disk import settle
from stillwatch.engines.duckdb import DuckDB
from stillwatch.engines.maps import ToSignals
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.evidence import Report
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms, load_key
from stillwatch.run.begun import TEMPORARY, Run
from stillwatch.run.history import History
from stillwatch.run.ledger import Ledger
from stillwatch.run.locked import locked
from stillwatch.run.look import look
from stillwatch.run.place import Place
from stillwatch.run.progress import Silent, Timings, Watcher
from stillwatch.run.rejected import RejectedBefore
from stillwatch.run.results import write_results
from stillwatch.run.sides import clients_at
from stillwatch.run.watching.absorb import HOUR, Absorber
from stillwatch.run.watching.beside import Beside
from stillwatch.run.watching.growing import GrowingFolder
from stillwatch.run.watching.kept import Kept
from stillwatch.run.watching.source import Source
from stillwatch.run.watching.state import State, remove
from stillwatch.run.watching.topic import Topic, required
from stillwatch.run.windows import window_of

_MOST_FILES = 8  # of an hour that is over, from which they are put together
_MOST_IDS = 2  # ids known for each row that is kept, above which those forgotten are forgotten here too
_LOOKING = "look.json"  # in the folder of tables, while a look is under way
RESULT = "result"  # link in the state to the result of the last look


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Asked:
    """What a watch was asked to do."""

    source: Path | Topic
    state: Path
    every: timedelta  # between looks
    keep: timedelta  # how long exchanges are kept, by their own time
    key: Path | None = None
    networks: Path | None = None
    once: bool = False  # take what is there, look, and end
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    says: Callable[[str], None] = lambda text: None  # told in words when a source is away, or has lost something
    beside: tuple[Beside, ...] = ()


def watch(asked: Asked, config: Config, watcher: Watcher | None = None) -> Iterator[Report]:
    """The report of each look, until it is interrupted; of one look alone if it was asked to look `once`."""
    with locked(asked.state), ExitStack() as beside:
        watching = _Watching(asked, config, watcher or Silent())
        beside.callback(watching.close)
        for one in asked.beside:
            beside.enter_context(one)
        yield from watching.looks()


class _Watching:
    def __init__(self, asked: Asked, config: Config, watcher: Watcher) -> None:
        self.asked, self.config = asked, config
        self.timings = Timings(watcher)
        self.source = _source(asked, config)
        self.state = State(asked.state)
        self.keys = load_key(
            asked.key or asked.state.resolve().with_name(f"{asked.state.resolve().name}.key"), os.environ
        )
        _same_key(self.state, self.keys)
        self.engine = DuckDB(self.state.tables, config.engine)
        self.networks = Networks.load(asked.networks)
        self.absorber = Absorber.of(self.state, config)
        self.history = History.read(self.state.histories / self.state.manifest.history)
        self.full = False  # whether the last batch was
        self.interrupted = (self.state.tables / _LOOKING).exists()  # the tables are of no look until one is finished

    def close(self) -> None:
        self.engine.close()
        self.source.close()

    def looks(self) -> Iterator[Report]:
        self._passes(self.asked.clock())  # a folder that is not there is a mistake, and not a log that has yet to come
        while True:
            self._tell()
            absorbed = self._ready() and self._absorb(final=self.asked.once)
            if self._due() or (self.asked.once and not absorbed):
                report = self._look()
                if report is None and self.asked.once:
                    raise self._nothing()
                if report is not None:
                    yield report
            if not absorbed and self.asked.once:
                return
            if not absorbed:
                self.asked.sleep(self.config.watch.poll_seconds)

    def _nothing(self) -> NothingToRead:
        since, rejected = self.asked.clock() - self.asked.keep, self.state.manifest.rejected
        told = f"; of what came {rejected:,} rows were set aside: {self.state.rejected}" if rejected else ""
        return NothingToRead(
            f"no exchange is kept{told}", str(self.asked.source), f"exchanges since {instant(since)}", "a longer --keep"
        )

    def _ready(self) -> bool:
        """Whether to ask for a batch: at once if the last was full, else when enough may have come, and before a look."""
        last = self.state.manifest.absorbed_at
        if self.asked.once or self.full or not last or self._due():
            return True
        since = self.asked.clock() - datetime.fromisoformat(last)
        return since.total_seconds() >= self.config.watch.batch_seconds

    def _absorb(self, final: bool) -> bool:
        """The next batch, if anything has come."""
        now = self.asked.clock()
        remove(self.state.intake)
        taken = self.source.take(self.state.manifest.position, self.state.intake, final)
        self.full = taken is not None and taken.full
        if taken is None:
            return False
        passes = self._passes(now)
        to_signals = ToSignals(self.keys, self.networks, clients_at(passes.table("declared")[0], now), self.config.text)
        with self.timings.stage("batch", "absorb what came") as made:
            made["rows"] = self.absorber.absorb(taken, to_signals, now, now - self.asked.keep)
        remove(self.state.intake)
        self._tell()
        return True

    def _tell(self) -> None:
        for one in self.asked.beside:
            one.turn(self.state.manifest)

    def _due(self) -> bool:
        manifest = self.state.manifest
        if self.asked.once:
            return False  # when nothing more is there
        if self.interrupted:
            return True
        if manifest.rows == manifest.looked_rows:
            return False  # nothing new
        if not manifest.looked_at:
            return True
        return self.asked.clock() - datetime.fromisoformat(manifest.looked_at) >= self.asked.every

    def _look(self) -> Report | None:
        """Everything that is kept, scanned; the result put in the place of the last."""
        at, began = self.asked.clock(), time.monotonic()
        self._forget(at - self.asked.keep)
        self._join(at)
        manifest = self.state.manifest
        if not manifest.segments:
            return None
        passes = self._passes(at)
        name = f"{manifest.looks + 1:09d}"
        out = self.state.results / name
        out.mkdir()
        with self.timings.stage("look", f"look as of {at:%Y-%m-%d %H:%M:%S}") as made:
            # By what it is over as well: after a crash more may have come, and a clock may say the same twice.
            ledger = Ledger(self.state.tables / _LOOKING, f"{name} {at} {manifest.batches}")
            place = Place(self.source.sides, out, self.asked.key, self.asked.networks, at)
            run = Run(self.engine, None, passes, self.keys, place, self.config, self.timings, ledger)
            rejected = RejectedBefore(out / "rejected.jsonl", manifest.rejected, manifest.reasons, manifest.passed)
            taken = look(run, at, rejected)
            history = self.history.after(taken.found, taken.traits, at, threshold(self.config.alarms))
            pq.write_table(history.renamed(taken.found), out / "replay.parquet")
            pq.write_table(taken.watched, out / "watched.parquet")
            pq.write_table(taken.groups, out / "groups.parquet")
            pq.write_table(history.renamed_own(taken.templates), out / "templates.parquet", compression="zstd")
            report, _ = write_results(
                self.engine, passes, taken.given, rejected, out, self.config, self.timings, history
            )
            (out / "tables").symlink_to("../../tables")
            history.write(self.state.histories / name)
            settle([*(path for path in out.iterdir() if path.is_file()), out, self.state.histories / name])
            made["rows"] = self.engine.rows(tables.SIGNALS.name)
        self.history, self.interrupted = history, False
        self.state.commit(
            looks=manifest.looks + 1, looked_at=at.isoformat(), looked_rows=manifest.rows, history=name, result=name
        )
        self._show(name)
        ledger.close()
        for temporary in TEMPORARY:
            if temporary != tables.SIGNALS.name:
                self.engine.drop(temporary)
        self.state.sweep()
        self._tell()
        for one in self.asked.beside:
            one.looked(report, time.monotonic() - began)
        return replace(report, totals=report.totals | {"looked_at": instant(at)})

    def _show(self, name: str) -> None:
        """The link to the result leads to this look from now on; whoever follows it sees the one or the other."""
        draft = self.asked.state / f"{RESULT}.partial"
        draft.unlink(missing_ok=True)
        draft.symlink_to(f"results/{name}")
        draft.replace(self.asked.state / RESULT)

    def _forget(self, since: datetime) -> None:
        """Leave out the hours before this instant, and what is known of files of which nothing is left."""
        oldest = int(since.timestamp()) // int(HOUR.total_seconds())
        manifest = self.state.manifest
        segments = tuple(name for name in manifest.segments if window_of(name) >= oldest)
        if segments == manifest.segments:
            return
        first = min((_batch(name) for name in segments), default=self.state.manifest.batches)
        self.state.commit(segments=segments, taken={n: f for n, f in manifest.taken.items() if f["batch"] >= first})
        self.state.sweep()
        kept = self.engine.rows(tables.SIGNALS.name) if segments else 0
        if len(self.absorber.seen) > _MOST_IDS * kept:
            self.absorber = Absorber.of(self.state, self.config)

    def _join(self, at: datetime) -> None:
        """Put together the files of hours that are over: of every batch there is one, and a look opens all of them."""
        over = int(at.timestamp()) // int(HOUR.total_seconds()) - 1
        of: defaultdict[int, list[str]] = defaultdict(list)
        for name in self.state.manifest.segments:
            of[window_of(name)].append(name)
        joined: dict[str, list[str]] = {}
        for hour, names in of.items():
            if hour < over and len(names) >= _MOST_FILES:
                whole = f"{hour:012d}-{min(map(_batch, names)):09d}-j{self.state.manifest.looks:06d}.parquet"
                _put_together([self.state.signals / name for name in names], self.state.signals / whole)
                joined[whole] = names
        if joined:
            settle([*(self.state.signals / whole for whole in joined), self.state.signals])
            gone = {name for names in joined.values() for name in names}
            kept = [name for name in self.state.manifest.segments if name not in gone]
            self.state.commit(segments=(*kept, *joined))
            self.state.sweep()

    def _passes(self, now: datetime) -> Kept:
        return Kept(self.state, self.source, self.engine, self.config, now)


def _source(asked: Asked, config: Config) -> Source:
    if isinstance(asked.source, Path):
        return GrowingFolder(asked.source, config.watch.settle_seconds, config.watch.batch_mib << 20)
    required()
    from stillwatch.run.watching.kafka import GrowingTopic

    return GrowingTopic(asked.source, config.watch, asked.says)


def _batch(segment: str) -> int:
    """The first batch that it has rows of."""
    return int(segment.split("-")[1])


def _put_together(parts: list[Path], whole: Path) -> None:
    with pq.ParquetWriter(whole, tables.SIGNALS.schema, compression="lz4") as writer:
        for part in parts:
            with pq.ParquetFile(part) as file:
                for batch in file.iter_batches():
                    writer.write_batch(batch)


def _same_key(state: State, keys: Pseudonyms) -> None:
    token = keys.token("watch", "key")
    if not state.manifest.key:
        state.commit(key=token)
    elif state.manifest.key != token:
        raise BadConfiguration(
            "the key is another than before", str(state.folder), "the key that the state was begun with",
            "give that key, or begin in another folder (docs/key-rotation.md)",
        )  # fmt: skip
