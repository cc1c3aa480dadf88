"""`stillwatch replay`: the log in order of time, with a look every so often that reads nothing later.

A look is a scan of all that had arrived by then. So a campaign's `detected_at` is when it would have been found, and what it
had harvested by then is counted. A replay that was killed goes on with the look that it was at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.campaigns.alarm import threshold
from stillwatch.config import Config
from stillwatch.engines.maps import ToSignals
from stillwatch.errors import NothingToRead
from stillwatch.networks import Networks
from stillwatch.run.begun import Run, begun
from stillwatch.run.history import History
from stillwatch.run.look import Look, look
from stillwatch.run.place import Place
from stillwatch.run.progress import Watcher
from stillwatch.run.rejected import Rejected, RejectedBefore
from stillwatch.run.results import write_results
from stillwatch.run.scan import Outcome
from stillwatch.run.sides import clients_at
from stillwatch.run.windows import Windows
from stillwatch.uses import with_settings

_READ = "windows"
_LOOKS = "looks"  # folder below the tables: of each look a file for each of its tables
_KEPT = ("found", "watched", "groups", "traits", "templates")  # in the order in which a look has them


def replay(place: Place, every: timedelta, config: Config, watcher: Watcher | None = None) -> Outcome:
    """Looks every so often over the whole log, and the result of the last, with what the others found."""
    with begun(f"replay {every}", place, config, watcher) as run:
        windows = Windows(run.engine.folder, every)
        rejected = _read(run, windows)
        if not windows.known():
            until = f" until {place.as_of:%Y-%m-%d %H:%M:%S}" if place.as_of else ""
            raise NothingToRead(f"no exchange to look at{until}", str(place.log), "a log with exchanges by then")
        history, given, enough = History.nothing(), set[str](), threshold(config.alarms)
        drafts = [run.place.out / f"{name}.partial" for name in ("replay", "watched", "groups", "templates")]
        schemas = [one.schema for one in (tables.RESULT_REPLAY, tables.RESULT_WATCHED, tables.RESULT_GROUPS)]
        schemas.append(
            with_settings(tables.RESULT_TEMPLATES.schema.empty_table(), config.text, config.templates).schema
        )
        campaigns, watched, groups, templates = (
            pq.ParquetWriter(*one, compression="zstd") for one in zip(drafts, schemas, strict=True)
        )
        with campaigns, watched, groups, templates:
            for window in windows.known():
                taken = _taken(run, windows, window, rejected)
                history, given = history.after(taken.found, taken.traits, windows.end(window), enough), taken.given
                campaigns.write_table(history.renamed(taken.found))
                watched.write_table(taken.watched)
                groups.write_table(taken.groups)
                templates.write_table(history.renamed_own(taken.templates))
        for draft in drafts:
            draft.replace(draft.with_suffix(".parquet"))
        with run.timings.stage("campaigns", "write the result"):
            report, exchanges_at = write_results(
                run.engine, run.passes, given, rejected, place.out, config, run.timings, history
            )
    return Outcome(report, rejected.count, run.timings.stages, exchanges_at)


def _read(run: Run, windows: Windows) -> Rejected:
    """The whole log read into windows, and what was set aside of it."""
    path, before = run.place.out / "rejected.jsonl", run.ledger.finished(_READ)
    if before:
        run.passes.present.update(before["present"])
        run.timings.kept(_READ, before["rows"])
        return RejectedBefore(path, before["rejected"], before["reasons"], before["passed"])
    assert run.log is not None, "BUG: a replay was begun without a log folder"
    run.engine.drop(_READ)
    run.engine.drop(tables.SIGNALS.name)
    rejected = Rejected(path, run.config.reading.max_rejects_written)
    as_of = None if run.place.as_of is None else pa.scalar(run.place.as_of, tables.INSTANT)
    try:
        for side in ("accounts", "evidence", "indicators", "declared", "releases"):
            rejected.add(run.passes.table(side)[1])  # told once, and not at every look
        with run.timings.stage(_READ, "read the log", run.passes.bytes) as made:
            made["rows"] = windows.read(
                run.log, _work_at(run), as_of, rejected, run.config.engine.threads, run.timings.watcher.advances
            )
    finally:
        rejected.close()
    reasons, passed, present = dict(rejected.reasons), dict(rejected.passed), sorted(run.passes.present)
    run.ledger.note(_READ, rows=made["rows"], rejected=rejected.count, reasons=reasons, passed=passed, present=present)
    return RejectedBefore(path, rejected.count, reasons, passed)


def _work_at(run: Run) -> Callable[[datetime], ToSignals]:
    """What is done with the exchanges of a window: agent clients are known by the declarations that stand at its end."""
    networks, declared = Networks.load(run.place.networks), run.passes.table("declared")[0]

    def work_at(at: datetime) -> ToSignals:
        return ToSignals(run.keys, networks, clients_at(declared, at), run.config.text)

    return work_at


def _taken(run: Run, windows: Windows, window: int, rejected: Rejected) -> Look:
    """The look at the end of a window; what it found is read again if it was taken before this run was killed."""
    at, name = windows.end(window), f"look {window}"
    folder = run.engine.folder / _LOOKS
    kept = [folder / f"{window:012d}-{what}.parquet" for what in _KEPT]
    if before := run.ledger.finished(name):
        run.timings.kept(name, before["rows"])
        found, watched, groups, traits, templates = map(pq.read_table, kept)
        return Look(found, watched, groups, traits, templates, set(before["given"]))
    with run.timings.stage(name, f"look as of {at:%Y-%m-%d %H:%M}") as made:
        windows.let_in(window)
        taken = look(replace(run, ledger=run.ledger.within(name)), at, rejected)
        folder.mkdir(exist_ok=True)
        for what, path in zip(_KEPT, kept, strict=True):
            pq.write_table(getattr(taken, what), path)
        made["rows"] = run.engine.rows(tables.SIGNALS.name)
    run.ledger.note(name, rows=made["rows"], given=sorted(taken.given))
    return taken
