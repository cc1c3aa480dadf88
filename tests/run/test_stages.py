"""Stages are run in order; those that would make nothing of nothing are not run at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import Scanned

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.flow import FLOW, Stage
from stillwatch.run.ledger import Ledger
from stillwatch.run.progress import Silent, Timings
from stillwatch.run.stages import run_stages

CONFIG = Config()
HOLDINGS = next(stage for stage in FLOW if stage.makes is tables.HOLDINGS)


def run(engine: DuckDB, *stages: Stage) -> Timings:
    timings = Timings(Silent())
    run_stages(stages, engine, CONFIG, timings, Ledger(engine.folder / "ledger.json", "test"))
    return timings


@pytest.fixture
def empty(tmp_path: Path) -> Any:
    engine = DuckDB(tmp_path / "tables", CONFIG.engine)
    engine.put("shared_values", tables.SHARED_VALUES.schema.empty_table())
    yield engine
    engine.close()


def test_a_stage_without_what_it_needs_is_not_run(empty: DuckDB) -> None:
    def fails(t: Any, c: Any) -> Any:
        raise AssertionError("it ran")

    assert HOLDINGS.needs == ("shared_values",)
    timings = run(empty, replace(HOLDINGS, build=fails))
    assert timings.stages[0]["rows"] == 0
    assert pq.read_schema(empty.path("holdings")).names == tables.HOLDINGS.names


def test_an_optional_table_without_rows_is_left_out(empty: DuckDB) -> None:
    given: list[list[str]] = []

    def notes(t: Any, c: Any) -> Any:
        given.append(list(t))
        return HOLDINGS.build({"shared_values": empty.table("shared_values")}, c)

    run(empty, replace(HOLDINGS, build=notes, needs=(), optional=("shared_values",)))
    assert given == [[]]


def test_accounts_without_anything_hold_nothing(tmp_path: Path) -> None:
    engine = DuckDB(tmp_path / "tables", CONFIG.engine)
    engine.put("evidence", tables.LOG_EVIDENCE.schema.empty_table())
    stage = next(one for one in FLOW if one.makes is tables.ACCOUNT_VALUES)
    assert run(engine, stage).stages[0]["rows"] == 0
    engine.close()


def test_what_a_stage_needs_it_makes_nothing_without(ring: Scanned, tmp_path: Path) -> None:
    """Each stage on the tables of a real scan, but for one that it says it needs."""
    shutil.copytree(ring.out / "tables", tmp_path / "tables")
    engine = DuckDB(tmp_path / "tables", CONFIG.engine)
    declared = {table.name.removeprefix("log_"): table for table in tables.ALL}
    made: dict[tuple[str, str], int] = {}
    for stage in FLOW:
        run(engine, stage)
        for need in stage.needs:
            nothing = declared[need].schema.empty_table()
            if stage.kind == "graph":
                read = {name: engine.collect(engine.table(name)) for name in stage.reads}
                made[stage.makes.name, need] = len(stage.build({**read, need: nothing}, CONFIG))
            else:
                engine.put("nothing", nothing)
                read = {name: engine.table("nothing" if name == need else name) for name in stage.reads}
                made[stage.makes.name, need] = engine.write("made", stage.build(read, CONFIG), stage.makes.schema)
    engine.close()
    made_of_nothing = [pair for pair, rows in made.items() if rows]
    assert len(made) > 10 and made_of_nothing == []
