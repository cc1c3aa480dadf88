"""The passes over exchanges, wherever they run: log → signals, signals → uses, and a few texts found again to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import pyarrow as pa

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.engines.maps import ToSignals
from stillwatch.readers import Log, Reject
from stillwatch.run.rejected import Rejected
from stillwatch.run.texts import log_to_signals, signals_to_uses

Place = tuple[int, int, int]  # file, chunk, row
Text = tuple[str | None, str]  # system prompt, prompt


class Passes(Protocol):
    """What is done with every exchange, and the tables beside them."""

    present: set[str]  # columns of exchanges that occur; complete after the first pass
    bytes: int | None  # of the log, for the progress bar
    source: str  # stands for what is read from elsewhere than the log folder, in the state that it has now

    def table(self, name: str) -> tuple[pa.Table | None, list[Reject]]:
        """A side table with the rows that can be used, or None when there is none, and what was set aside."""
        ...

    def to_signals(
        self, work: ToSignals, as_of: pa.TimestampScalar | None, rejected: Rejected, advances: Callable[[int], None]
    ) -> int:
        """Table `signals` from everything in the log that can be used; returns exchanges kept."""
        ...

    def to_uses(self, templates: pa.Table, config: Config, advances: Callable[[int], None]) -> int:
        """Table `uses` from `signals`; returns exchanges."""
        ...

    def texts(self, wanted: Mapping[str, Place]) -> dict[str, Text]:
        """The texts of these exchanges, by exchange_id, as far as they can be found again."""
        ...


class OnThisMachine:
    """A log folder, chunk by chunk on threads, into the files of the embedded engine."""

    def __init__(self, log: Log, engine: DuckDB) -> None:
        self._log = log
        self._engine = engine
        self.present = log.present
        self.bytes: int | None = log.bytes
        self.table = log.table
        self.source = ""

    def to_signals(
        self, work: ToSignals, as_of: pa.TimestampScalar | None, rejected: Rejected, advances: Callable[[int], None]
    ) -> int:
        self._engine.drop(tables.SIGNALS.name)  # a replay that was killed leaves a folder of that name
        target = self._engine.path(tables.SIGNALS.name)
        return log_to_signals(self._log, target, work, as_of, rejected, self._engine.threads, advances)

    def to_uses(self, templates: pa.Table, config: Config, advances: Callable[[int], None]) -> int:
        source, target = self._engine.parts(tables.SIGNALS.name), self._engine.path(tables.USES.name)
        return signals_to_uses(source, target, templates, config, advances)

    def texts(self, wanted: Mapping[str, Place]) -> dict[str, Text]:
        found = self._log.texts(wanted.values())
        return {name: found[place] for name, place in wanted.items() if place in found}
