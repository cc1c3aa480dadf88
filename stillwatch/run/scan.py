"""`stillwatch scan` and `stillwatch link`: open a log and an engine, run the flow, write the result folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.engines.maps import ToSignals
from stillwatch.evidence import Report
from stillwatch.flow import FLOW, LINK_FLOW, TEMPLATES
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms, load_key
from stillwatch.run.ledger import LEDGER, Ledger, run_id
from stillwatch.run.locked import locked
from stillwatch.run.opened import opened, opened_log
from stillwatch.run.passes import Passes
from stillwatch.run.place import Place
from stillwatch.run.progress import Silent, Timings, Watcher
from stillwatch.run.rejected import Rejected, RejectedBefore
from stillwatch.run.results import write_link_results, write_results
from stillwatch.run.sides import Sides, store_sides
from stillwatch.run.stages import run_stages

_READ, _USES = "signals", "uses"  # tables made by passes over exchanges
_TEMPORARY = (  # only needed on the way
    "signals",
    "documents",
    "own_shared_values",
    "given_shared_values",
    "meetings",
    "own_pairs",
    "pairs",
    "ties",
    "follow_ups",
)


@dataclass(frozen=True)
class Outcome:
    report: Report
    rejected: int
    stages: list[dict[str, float | int | str]]
    exchanges_at: str = ""  # OUT/exchanges.parquet, or where a cluster left them


@dataclass(frozen=True)
class _Run:
    """What every step of a run needs."""

    engine: Engine
    passes: Passes
    keys: Pseudonyms
    place: Place
    config: Config
    timings: Timings
    ledger: Ledger


def scan(place: Place, config: Config, watcher: Watcher | None = None) -> Outcome:
    """The main job: a log folder in, explained campaigns out. Goes on where a run that was killed stopped."""
    with _begun("scan", place, config, watcher) as run:
        sides, rejected, exchanges = _read(run)
        run_stages(TEMPLATES, run.engine, config, run.timings, run.ledger)
        _recognise(run, exchanges)
        run.engine.drop(_READ)
        run_stages(FLOW, run.engine, config, run.timings, run.ledger)
        with run.timings.stage("campaigns", "write the result"):
            report, exchanges_at = write_results(
                run.engine, run.passes, sides.given, rejected, place.out, config, run.timings
            )
    return Outcome(report, rejected.count, run.timings.stages, exchanges_at)


def link(place: Place, config: Config, watcher: Watcher | None = None) -> Outcome:
    """Linking and clustering alone, on accounts and evidence: OUT/links.parquet and OUT/clusters.parquet."""
    with _begun("link", place, config, watcher) as run:
        rejected = Rejected(place.out / "rejected.jsonl", config.reading.max_rejects_written)
        try:
            _sides(run, rejected)
        finally:
            rejected.close()
        run_stages(LINK_FLOW, run.engine, config, run.timings, run.ledger)
        report = write_link_results(run.engine, place.out, config)
    return Outcome(report, rejected.count, run.timings.stages)


@contextmanager
def _begun(command: str, place: Place, config: Config, watcher: Watcher | None) -> Iterator[_Run]:
    """Log, engine, key and ledger; what is only needed on the way is removed when all went well."""
    timings = Timings(watcher or Silent())
    log = opened_log(place, config, needs_exchanges=command == "scan")
    with locked(place.out):
        engine, passes = opened(place, log, config)
        try:
            keys = _keys(place)
            ledger = Ledger(engine.folder / LEDGER, run_id(command, place, passes.source, keys, config))
            yield _Run(engine, passes, keys, place, config, timings, ledger)
            for name in _TEMPORARY:
                engine.drop(name)
            engine.keep(table.name.removeprefix("log_") for table in tables.ALL)
            ledger.close()
        finally:
            engine.close()


def _read(run: _Run) -> tuple[Sides, Rejected, int]:
    """The whole log read: its side tables, the rows set aside, and how many exchanges are in `signals`."""
    path, before = run.place.out / "rejected.jsonl", run.ledger.finished(_READ)
    if before:
        rejected: Rejected = RejectedBefore(path, before["rejected"], before["reasons"], before["passed"])
        run.passes.present.update(before["present"])
        run.timings.kept(_READ, before["rows"])
        return _sides(run, rejected), rejected, before["rows"]
    rejected = Rejected(path, run.config.reading.max_rejects_written)
    as_of = None if run.place.as_of is None else pa.scalar(run.place.as_of, tables.INSTANT)
    try:
        sides = _sides(run, rejected)
        with run.timings.stage(_READ, "read the log", run.passes.bytes) as made:
            networks = Networks.load(run.place.networks)
            to_signals = ToSignals(run.keys, networks, sides.clients, run.config.text)
            made["rows"] = run.passes.to_signals(to_signals, as_of, rejected, run.timings.watcher.advances)
    finally:
        rejected.close()
    reasons, passed, present = dict(rejected.reasons), dict(rejected.passed), sorted(run.passes.present)
    run.ledger.note(_READ, rows=made["rows"], rejected=rejected.count, reasons=reasons, passed=passed, present=present)
    return sides, rejected, made["rows"]


def _recognise(run: _Run, exchanges: int) -> None:
    """Signals as `uses`, which name the template of every exchange."""
    if before := run.ledger.finished(_USES):
        run.timings.kept(_USES, before["rows"])
        return
    templates = run.engine.collect(run.engine.table("templates"))
    with run.timings.stage(_USES, "recognise templates", exchanges) as made:
        made["rows"] = run.passes.to_uses(templates, run.config, run.timings.watcher.advances)
    run.ledger.note(_USES, rows=made["rows"])


def _keys(place: Place) -> Pseudonyms:
    """The key lies beside the result folder, not in it, so that a folder handed on does not take it along."""
    out = place.out.resolve()
    return load_key(place.key or out.with_name(f"{out.name}.key"), os.environ)


def _sides(run: _Run, rejected: Rejected) -> Sides:
    as_of = run.place.as_of
    with run.timings.stage("registered", "read accounts") as made:
        sides = store_sides(run.passes, run.engine, run.keys, rejected, as_of or datetime.now(UTC), as_of is not None)
        made["rows"] = run.engine.rows("registered")
    return sides
