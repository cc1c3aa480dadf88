"""The passes over exchanges of a watch: rows were absorbed already; texts are looked up in the source, if it still has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

import pyarrow as pa

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.engines.maps import ToSignals
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers import Reject, open_log, open_sides
from stillwatch.run.passes import Place, Text
from stillwatch.run.rejected import Rejected
from stillwatch.run.texts import signals_to_uses
from stillwatch.run.watching.source import Source
from stillwatch.run.watching.state import State, remove


class Kept:
    """A `Passes` (run/passes.py) over what a state holds."""

    def __init__(self, state: State, source: Source, engine: DuckDB, config: Config, now: datetime) -> None:
        self._state, self._from, self._engine, self._config = state, source, engine, config
        self._now = now
        self._log = None
        if source.sides is not None:
            self._log = open_sides(source.sides, config.reading, now)
        self.present = set(state.manifest.present)
        self.bytes: int | None = None
        self.source = ""

    def table(self, name: str) -> tuple[pa.Table | None, list[Reject]]:
        return (None, []) if self._log is None else self._log.table(name)

    def to_signals(
        self, work: ToSignals, as_of: pa.TimestampScalar | None, rejected: Rejected, advances: Callable[[int], None]
    ) -> int:
        raise AssertionError("BUG: a watch absorbs what comes, and never reads the whole log")

    def to_uses(self, templates: pa.Table, config: Config, advances: Callable[[int], None]) -> int:
        source, target = self._engine.parts(tables.SIGNALS.name), self._engine.path(tables.USES.name)
        return signals_to_uses(source, target, templates, config, advances)

    def texts(self, wanted: Mapping[str, Place]) -> dict[str, Text]:
        by_file: dict[int, dict[str, Place]] = defaultdict(dict)
        for name, (file, chunk, row) in wanted.items():
            by_file[file][name] = (0, chunk, row)
        found: dict[str, Text] = {}
        for file, places in sorted(by_file.items()):
            taken = self._state.manifest.taken.get(str(file))
            if taken is None:
                continue
            remove(self._state.intake)
            if self._from.again(taken, self._state.intake):
                found |= self._read(places)
        remove(self._state.intake)
        return found

    def _read(self, places: Mapping[str, Place]) -> dict[str, Text]:
        try:
            log = open_log(self._state.intake, self._config.reading, self._now, proven=True)
        except (NothingToRead, UnknownFormat):  # the file is another one by now
            return {}
        read = log.texts(places.values())
        return {name: read[place] for name, place in places.items() if place in read}
