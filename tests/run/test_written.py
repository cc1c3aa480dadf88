"""A stage's query is written once in a process, and answers for whatever rows another engine has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import spark_here

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.flow import FLOW, Stage
from stillwatch.run import written
from stillwatch.run.ledger import Ledger
from stillwatch.run.progress import Silent, Timings
from stillwatch.run.stages import run_stages

VALUES = next(stage for stage in FLOW if stage.makes is tables.OWN_SHARED_VALUES)  # joins a literal table
Made = Callable[..., list[dict[str, Any]]]


def counted(stage: Stage) -> tuple[Stage, list[Config]]:
    """The stage, and the settings that it was built with."""
    built: list[Config] = []

    def build(t: Any, c: Config) -> Any:
        built.append(c)
        return stage.build(t, c)

    return replace(stage, build=build), built


def held(value: str, *accounts: str) -> list[dict[str, Any]]:
    return [{"account_id": account, "kind": "shared_device", "value": value} for account in accounts]


@pytest.fixture
def made(engine: Any, tmp_path: Path) -> Made:
    """What a run of one stage makes of account values, on an engine of its own."""
    engines = iter(range(100))

    def run(stage: Stage, given: pa.Table, config: Config) -> list[dict[str, Any]]:
        folder = tmp_path / f"run {next(engines)}"
        spark = not isinstance(engine.inner, DuckDB)
        own = spark_here.engine(engine.inner.session, folder, config.spark) if spark else DuckDB(folder, config.engine)
        own.put("account_values", given)
        run_stages([stage], own, config, Timings(Silent()), Ledger(folder / "ledger.json", "test"))
        rows = own.collect(own.table("own_shared_values")).to_pylist()
        own.close()
        return [{name: row[name] for name in ("value", "accounts")} for row in rows]

    return run


def test_it_is_written_once_and_says_nothing_of_rows(made: Made, arrow: Any) -> None:
    stage, built = counted(VALUES)
    first, second = held("x", "a", "b"), held("y", "c", "d", "e")
    config = Config()
    assert made(stage, arrow(tables.ACCOUNT_VALUES, *first), config) == [{"value": "x", "accounts": 2}]
    assert made(stage, arrow(tables.ACCOUNT_VALUES, *second), config) == [{"value": "y", "accounts": 3}]
    assert built == [config]


@pytest.mark.engines("duckdb")
def test_other_settings_and_other_columns_are_another_query(made: Made, arrow: Any) -> None:
    stage, built = counted(VALUES)
    rows = arrow(tables.ACCOUNT_VALUES, *held("x", "a", "b"))
    other = replace(Config(), seed=Config().seed + 1)
    made(stage, rows, Config())
    made(stage, rows, other)
    assert built == [Config(), other]
    made(stage, rows.append_column("more", pa.nulls(len(rows), pa.int64())), other)
    assert built == [Config(), other, other]


@pytest.mark.engines("duckdb")
def test_what_is_kept_has_a_bound(made: Made, arrow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "MOST", 2)
    monkeypatch.setattr(written, "_kept", {})
    stage, built = counted(VALUES)
    rows = arrow(tables.ACCOUNT_VALUES, *held("x", "a", "b"))
    for seed in (1, 2, 3, 3, 1):
        made(stage, rows, replace(Config(), seed=seed))
    assert [config.seed for config in built] == [1, 2, 3, 1]
