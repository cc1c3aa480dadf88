"""The passes over exchanges on Spark: from a log folder that the executors see, or from a table that Spark reads itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.maps import ToSignals
from stillwatch.engines.spark import Spark, spark_schema
from stillwatch.engines.spark_exchanges import from_files, from_rows, mapped
from stillwatch.engines.spark_reading import BY_CONTENT, BY_PLACE, read_exchanges
from stillwatch.engines.spark_session import session
from stillwatch.engines.spark_source import SparkTables
from stillwatch.engines.spark_store import opened_store
from stillwatch.readers import Clock, Log, Reject
from stillwatch.run.passes import Text
from stillwatch.run.place import Place
from stillwatch.run.rejected import Rejected
from stillwatch.uses import Recogniser, uses


def opened_spark(place: Place, log: Log | None, folder: Path, config: Config) -> tuple[Spark, OnSpark]:
    """Engine and passes; the session is started here unless there is one."""
    found, ours = session()
    try:
        store = opened_store(found, place.write_to, folder / "spark")
        engine = Spark(folder, found, store, config.spark, ours)
        return engine, OnSpark(engine, log, SparkTables(found, place.tables, place.format), config)
    except BaseException:
        if ours:
            found.stop()
        raise


class OnSpark:
    """What is named in `given` is read there, everything else from the log folder if there is one."""

    def __init__(self, engine: Spark, log: Log | None, given: SparkTables, config: Config) -> None:
        self._engine = engine
        self._log = log
        self._given = given
        self._config = config
        self._clock = log.clock if log else Clock.of(config.reading, datetime.now(UTC))
        self._of_table = "exchanges" in given.frames
        self.present = set(given.present()) if self._of_table else log.present if log else set()
        self.bytes: int | None = None
        self.source = given.source

    def table(self, name: str) -> tuple[pa.Table | None, list[Reject]]:
        if name in self._given.frames:
            most = self._config.spark.max_collected_rows
            return self._given.side(name, most, self._config.reading, self._clock)
        return self._log.table(name) if self._log else (None, [])

    def to_signals(
        self, work: ToSignals, as_of: pa.TimestampScalar | None, rejected: Rejected, advances: Callable[[int], None]
    ) -> int:
        most = self._config.reading.max_rejects_written
        if self._of_table:
            where = self._given.where["exchanges"]
            mapper = from_rows(where, self._clock, work)
            read = read_exchanges(self._engine, self._given.exchanges(), mapper, [where], BY_CONTENT, as_of, most)
            rejected.add_counted(read.reasons, read.shown)
            return read.exchanges
        log = self._log
        assert log is not None, "BUG: a run has a log folder or a table of exchanges"
        files = len(log.files)
        numbers = self._engine.session.range(0, files, 1, files)  # a task a file
        names = [one.name for one in log.files]
        read = read_exchanges(self._engine, numbers, from_files(log, work), names, BY_PLACE, as_of, most)
        rejected.add(log.set_aside)
        rejected.add_counted(read.reasons, read.shown)
        rejected.pass_over(read.passed)
        self.present.update(read.columns)
        broken = [*log.set_aside, *(one for one in read.shown if one.line == 0)]
        if not read.rows and (problems := broken or read.shown[:1]):
            raise log.unreadable(problems)
        return read.exchanges

    def to_uses(self, templates: pa.Table, config: Config, advances: Callable[[int], None]) -> int:
        prompt, system = (Recogniser(templates, field, config.templates) for field in ("prompt", "system"))
        function = mapped(partial(uses, prompt=prompt, system=system), tables.SIGNALS.schema)
        source = self._engine.stored(tables.SIGNALS.name)
        frame = source.mapInArrow(function, spark_schema(tables.USES.schema))
        return self._engine.save(tables.USES.name, frame, tables.USES.schema)

    def texts(self, wanted: Mapping[str, tuple[int, int, int]]) -> dict[str, Text]:
        if self._of_table:
            return self._given.texts(wanted)
        found = self._log.texts(wanted.values()) if self._log else {}
        return {name: found[place] for name, place in wanted.items() if place in found}
