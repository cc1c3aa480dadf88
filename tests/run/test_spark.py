"""A whole scan on Spark: the same tables and the same answer as on DuckDB, row by row."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import engines_agree
import pyarrow.parquet as pq
import pytest
import spark_here

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.flow import FLOW, TEMPLATES
from stillwatch.run import Outcome, Place, scan
from stillwatch.run.progress import Silent
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

pytestmark = pytest.mark.slow

EVERY = ["signals", *(one.makes.name for one in TEMPLATES), "uses", *(one.makes.name for one in FLOW)]
STOPPED = "total clusters"
GROWING = {one.name for one in tables.ALL if one.of_exchanges}
A_DAY = 15  # exchanges of an account that are kept: a quarter of the world's, and every table has rows that had some
EMPTY = {  # of techniques, indicators and evidence, which this world has none of
    "technique_hours", "technique_spread", "sweep_hours", "sweep_windows", "sweeps", "indicator_matches", "meetings",
    "given_shared_values",
}  # fmt: skip
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)  # after the world's last day: the same `now` for both


@dataclass
class Keeper(Silent):
    """Keeps a copy of every table as it is made, before those only needed on the way are dropped."""

    made: Path
    kept: Path
    begun: list[str] = field(default_factory=list)
    stop_at: str = ""

    def begins(self, doing: str, total: int | None) -> None:
        if doing == self.stop_at:
            raise KeyboardInterrupt
        self.begun.append(doing)

    def ends(self, name: str, rows: int, seconds: float) -> None:
        self.kept.mkdir(exist_ok=True)
        for path in (self.made / f"{name}.parquet", self.made / "spark" / name):
            if path.exists() and not (self.kept / name).exists():
                (shutil.copytree if path.is_dir() else shutil.copy)(path, self.kept / name)


@dataclass(frozen=True)
class Both:
    """One log, scanned by both engines."""

    here: Path  # DuckDB's result folder
    there: Path  # Spark's
    outcome: Outcome  # Spark's
    stopped: list[str]  # what its run did before it was stopped
    begun: list[str]  # and after
    kept: dict[str, Path]


def thinned(exchanges: Path) -> None:
    """The first of each account's exchanges on each day, so that conversations stay whole as far as they go."""
    for path in list(exchanges.iterdir()):
        duckdb.sql(f"""COPY (FROM '{path}' QUALIFY row_number() OVER (
            PARTITION BY account_id ORDER BY timestamp, exchange_id) <= {A_DAY}) TO '{path}.thin' (FORMAT parquet)""")
        os.replace(f"{path}.thin", path)


@pytest.fixture(scope="module")
def both(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    spark_here.for_small_tables(spark, False)
    folder = tmp_path_factory.mktemp("both")
    make(folder, load("disclosure-2026-02", 0, []), scale=0.0006, seed=7)
    thinned(folder / "log/exchanges")
    key = folder / "key"
    key.write_bytes(b"k" * 64)
    key.chmod(0o600)
    outcomes, keepers = {}, {}
    for engine in ("duckdb", "spark"):
        out = folder / engine
        keepers[engine] = Keeper(out / "tables", folder / f"{engine}_kept")
        place = Place(folder / "log", out, key, as_of=NOON, engine=engine)
        stopped = replace(keepers[engine], begun=[], stop_at=STOPPED)
        with pytest.raises(KeyboardInterrupt):
            scan(place, Config(), stopped)
        outcomes[engine] = scan(place, Config(), keepers[engine])
    kept = {engine: keeper.kept for engine, keeper in keepers.items()}
    begun = keepers["spark"].begun
    yield Both(folder / "duckdb", folder / "spark", outcomes["spark"], stopped.begun, begun, kept)


@pytest.mark.parametrize("name", EVERY)
def test_every_table_is_the_same(both: Both, name: str) -> None:
    here, there = (pq.read_table(both.kept[engine] / name) for engine in ("duckdb", "spark"))
    engines_agree.assert_same_rows(name, here, there.select(here.schema.names))
    assert (len(here) == 0) == (name in EMPTY), "what has no rows proves little"


@pytest.mark.parametrize("name", ["accounts", "exchanges", "links"])
def test_the_result_is_the_same(both: Both, name: str) -> None:
    here, there = (pq.read_table(out / f"{name}.parquet") for out in (both.here, both.there))
    assert (here.schema.names, here.schema.types) == (there.schema.names, there.schema.types)
    engines_agree.assert_same_rows(name, here, there)


def test_the_document_is_the_same(both: Both) -> None:
    here, there = (engines_agree.document(out) for out in (both.here, both.there))
    assert len(here["campaigns"]) >= 2, "a world with several campaigns"
    assert here == there


def test_tables_that_grow_with_exchanges_stay_with_spark(both: Both) -> None:
    here = {path.stem for path in (both.there / "tables").glob("*.parquet")}
    there = {path.name for path in (both.there / "tables/spark").iterdir()}
    assert not here & GROWING and {"uses", "harvest"} <= there
    assert here == {path.stem for path in (both.here / "tables").glob("*.parquet")} - GROWING, "what `explain` looks up"
    assert "signals" not in there and "staged" not in there, "only needed on the way"


def test_what_the_driver_fetched_is_told(both: Both) -> None:
    (clusters,) = (one for one in both.outcome.stages if one["stage"] == "clusters")
    links = pq.read_metadata(both.there / "tables/links.parquet").num_rows
    assert int(clusters["collected_rows"]) >= links and int(clusters["collected_bytes"]) > 0
    assert all("collected_rows" not in one for one in both.outcome.stages if one["stage"] in GROWING)


def test_a_run_that_was_stopped_goes_on(both: Both) -> None:
    """The run of `both` was stopped once: what it had made by then was not made again, but for the small side tables."""
    again = [doing for doing in both.begun if doing != "read accounts"]
    assert both.stopped[-1] == "choose clusters" and again[0] == STOPPED
    assert len(both.stopped) > 10 and not set(both.stopped) & set(again)
