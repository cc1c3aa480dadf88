"""`stillwatch scan` and `stillwatch link`: open a log and an engine, run the flow, write the result folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.evidence import Report
from stillwatch.flow import FLOW, LINK_FLOW, TEMPLATES
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms, load_key
from stillwatch.readers import Log, open_log
from stillwatch.run.locked import locked
from stillwatch.run.progress import Silent, Timings, Watcher
from stillwatch.run.rejected import Rejected
from stillwatch.run.results import write_link_results, write_results
from stillwatch.run.sides import Sides, store_sides
from stillwatch.run.stages import run_stages
from stillwatch.run.texts import log_to_signals, signals_to_uses

_TEMPORARY = ("signals", "documents", "holders", "meetings", "ties")  # only needed on the way


@dataclass(frozen=True)
class Place:
    """Where a run reads and writes, and with what."""

    log: Path
    out: Path
    key: Path | None = None  # key file; OUT.key beside the result folder when not given
    networks: Path | None = None  # folder of ASN lists
    as_of: datetime | None = None  # nothing later is read


@dataclass(frozen=True)
class Outcome:
    report: Report
    rejected: int
    stages: list[dict[str, float | int | str]]


def scan(place: Place, config: Config, watcher: Watcher | None = None) -> Outcome:
    """The main job: a log folder in, explained campaigns out."""
    timings = Timings(watcher or Silent())
    log = open_log(place.log, config.reading, datetime.now(UTC))
    with locked(place.out), _engine(place.out, config) as engine:
        keys = _keys(place)
        rejected = Rejected(place.out / "rejected.jsonl", config.reading.max_rejects_written)
        try:
            sides = _sides(log, engine, keys, rejected, place)
            as_of = None if place.as_of is None else pa.scalar(place.as_of, tables.INSTANT)
            with timings.stage("signals", "read the log", log.bytes) as made:
                made["rows"] = log_to_signals(
                    log, engine.path("signals"), keys, Networks.load(place.networks), sides.clients, rejected, config,
                    as_of, timings.watcher.advances,
                )  # fmt: skip
        finally:
            rejected.close()
        run_stages(TEMPLATES, engine, config, timings)
        with timings.stage("uses", "recognise templates", made["rows"]) as named:
            named["rows"] = signals_to_uses(
                engine.path("signals"), engine.path("uses"), engine.collect(engine.table("templates")), config,
                timings.watcher.advances,
            )  # fmt: skip
        engine.path("signals").unlink()
        run_stages(FLOW, engine, config, timings)
        with timings.stage("campaigns", "write the result"):
            report = write_results(engine, log, sides.given, rejected, place.out, config, timings)
        _tidy(engine)
    return Outcome(report, rejected.count, timings.stages)


def link(place: Place, config: Config, watcher: Watcher | None = None) -> Outcome:
    """Linking and clustering alone, on accounts and evidence: OUT/links.parquet and OUT/clusters.parquet."""
    timings = Timings(watcher or Silent())
    log = open_log(place.log, config.reading, datetime.now(UTC), needs_exchanges=False)
    with locked(place.out), _engine(place.out, config) as engine:
        rejected = Rejected(place.out / "rejected.jsonl", config.reading.max_rejects_written)
        try:
            _sides(log, engine, _keys(place), rejected, place)
        finally:
            rejected.close()
        run_stages(LINK_FLOW, engine, config, timings)
        report = write_link_results(engine, place.out, config)
        _tidy(engine)
    return Outcome(report, rejected.count, timings.stages)


def _keys(place: Place) -> Pseudonyms:
    """The key lies beside the result folder, not in it, so that a folder handed on does not take it along."""
    out = place.out.resolve()
    return load_key(place.key or out.with_name(f"{out.name}.key"), os.environ)


def _sides(log: Log, engine: DuckDB, keys: Pseudonyms, rejected: Rejected, place: Place) -> Sides:
    return store_sides(log, engine, keys, rejected, place.as_of or datetime.now(UTC), place.as_of is not None)


@contextmanager
def _engine(out: Path, config: Config) -> Iterator[DuckDB]:
    engine = DuckDB(out / "tables", config.engine)
    try:
        yield engine
    finally:
        engine.close()


def _tidy(engine: DuckDB) -> None:
    for name in _TEMPORARY:
        engine.path(name).unlink(missing_ok=True)
