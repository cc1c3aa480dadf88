"""Runs the stages of `flow.py` on an engine: reads what they read, checks what they made, stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.flow import Stage, checked
from stillwatch.run.ledger import Ledger
from stillwatch.run.progress import Timings


def run_stages(stages: Sequence[Stage], engine: DuckDB, config: Config, timings: Timings, ledger: Ledger) -> None:
    """Every stage in the order given that the ledger does not say was finished before."""
    for stage in stages:
        name = stage.makes.name
        if before := ledger.finished(name):
            timings.kept(name, before["rows"])
            continue
        with timings.stage(name, stage.doing) as made:
            made["rows"] = _run(stage, engine, config)
        ledger.note(name, rows=made["rows"])


def _run(stage: Stage, engine: DuckDB, config: Config) -> int:
    stored: Mapping[str, Any] = {name: engine.table(name) for name in stage.reads if engine.path(name).exists()}
    if stage.kind == "graph":
        table = stage.build({name: engine.collect(one) for name, one in stored.items()}, config)
        checked(stage, table.schema)
        return engine.put(stage.makes.name, table)
    expression = stage.build(stored, config)
    checked(stage, expression.schema())
    return engine.write(stage.makes.name, expression, stage.makes.schema)
