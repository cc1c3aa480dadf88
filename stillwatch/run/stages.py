"""Runs the stages of `flow.py` on an engine: reads what they read, checks what they made, stores it."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.flow import Stage, checked
from stillwatch.run.ledger import Ledger
from stillwatch.run.progress import Timings
from stillwatch.run.written import written


def run_stages(stages: Sequence[Stage], engine: Engine, config: Config, timings: Timings, ledger: Ledger) -> None:
    """Every stage in the order given that the ledger does not say was finished before."""
    with _libraries_apart():
        for stage in stages:
            name = stage.makes.name
            if before := ledger.finished(name):
                timings.kept(name, **before)
                continue
            with timings.stage(name, stage.doing) as made:
                made |= _run(stage, engine, config, ledger)
            ledger.note(name, **made)


@contextmanager
def _libraries_apart() -> Iterator[None]:
    """Expressions are many small objects, and each time enough of them were made Python looked through all objects of all
    libraries for garbage: a fifth of the time that writing queries takes.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _run(stage: Stage, engine: Engine, config: Config, ledger: Ledger) -> dict[str, int]:
    """Rows made; of a stage that works in memory, also what was collected for it."""
    there = {name for name in stage.reads if engine.has(name)}
    empty = {name for name in there.intersection(stage.needs + stage.optional) if _rows(name, engine, ledger) == 0}
    if empty.intersection(stage.needs):
        return {"rows": engine.put(stage.makes.name, stage.makes.schema.empty_table())}
    stored: Mapping[str, Any] = {name: engine.table(name) for name in stage.reads if name in there - empty}
    if stage.kind == "graph":
        read = {name: engine.collect(one) for name, one in stored.items()}
        table = stage.build(read, config)
        checked(stage, table.schema)
        return {
            "rows": engine.put(stage.makes.name, table),
            "collected_rows": sum(len(one) for one in read.values()),
            "collected_bytes": sum(one.nbytes for one in read.values()),
        }
    return {"rows": engine.write(stage.makes.name, written(stage, engine, stored, config), stage.makes.schema)}


def _rows(name: str, engine: Engine, ledger: Ledger) -> int:
    """Of a table that a stage made it was noted; others are counted."""
    noted = ledger.finished(name)
    return engine.rows(name) if noted is None else int(noted["rows"])
