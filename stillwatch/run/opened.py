"""The engine asked for, opened, with the passes that run on it. The only place that tells one engine from another."""

from __future__ import annotations

from datetime import UTC, datetime

from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.engines.duckdb import DuckDB
from stillwatch.engines.spark_session import required
from stillwatch.readers import Log, open_log
from stillwatch.run.passes import OnThisMachine, Passes
from stillwatch.run.place import Place


def opened_log(place: Place, config: Config, needs_exchanges: bool) -> Log | None:
    """The log folder, if there is one; of one that holds side tables only, no exchanges are asked for."""
    if place.log is None:
        return None
    needs_exchanges &= "exchanges" not in place.tables
    folder = place.log.resolve() if place.engine == "spark" else place.log  # executors start in folders of their own
    return open_log(folder, config.reading, datetime.now(UTC), needs_exchanges)


def opened(place: Place, log: Log | None, config: Config) -> tuple[Engine, Passes]:
    """To be closed by the caller."""
    folder = place.out / "tables"
    if place.engine == "spark":
        required()
        from stillwatch.run.on_spark import opened_spark

        return opened_spark(place, log, folder, config)
    engine = DuckDB(folder, config.engine)
    assert log is not None, "BUG: the command line lets nobody leave out the log folder here"
    return engine, OnThisMachine(log, engine)
