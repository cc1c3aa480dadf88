"""The embedded engine keeps to its limits, and says so in a way that helps."""

from __future__ import annotations

from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest

from stillwatch.config import Engine
from stillwatch.engines.duckdb import DuckDB
from stillwatch.errors import BadConfiguration

SCHEMA = pa.schema([("one", pa.int64()), ("name", pa.string())])
ROWS = 1_500_000  # 60 MB


def in_order(engine: DuckDB) -> ibis.Table:
    names = [f"somebody called {number * 7919 % ROWS}" for number in range(ROWS)]
    engine.put("given", pa.table({"one": np.arange(ROWS), "name": names}))
    return engine.table("given").mutate(one=ibis.row_number().over(order_by=["name", "one"]))


def left(engine: DuckDB) -> set[str]:
    return {one.name for one in engine.folder.iterdir()}


def test_what_does_not_fit_says_which_limit_and_what_next(tmp_path: Path) -> None:
    engine = DuckDB(tmp_path / "tables", Engine(memory_gib=0.015, spill_gib=0.001, threads=1))
    with pytest.raises(BadConfiguration) as told:
        engine.write("numbers", in_order(engine), SCHEMA)
    engine.close()
    assert "numbers" in told.value.what and "spill_gib = 0.001" in told.value.where and "again" in told.value.next_step
    assert left(engine) == {"given.parquet"}, "neither half a table nor what was spilled is left"


def test_what_does_not_fit_memory_goes_to_disk_and_is_swept(tmp_path: Path) -> None:
    engine = DuckDB(tmp_path / "tables", Engine(memory_gib=0.05, threads=1))
    assert engine.write("numbers", in_order(engine), SCHEMA) == ROWS
    engine.close()
    assert left(engine) == {"given.parquet", "numbers.parquet"}
