"""Small tables in, small tables out: rows are dicts, what is not named is null, an engine is a fixture."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("COLUMNS", "100")  # for commands under test: a terminal of one width everywhere

import handed_out
import ibis
import postgres_here
import pyarrow as pa
import pytest
import spark_here
from postgres_here import PostgresHere
from stories import Story, write

from stillwatch import engines
from stillwatch.cli import main
from stillwatch.config import Config, Engine
from stillwatch.engines.duckdb import DuckDB
from stillwatch.flow import FLOW
from stillwatch.run import Outcome, Place, scan
from stillwatch.tables import ALL, Table

Row = dict[str, Any]
ENGINES = ("duckdb", "spark")


class Small:
    """An engine that takes dicts and gives dicts back, in the declared columns."""

    def __init__(self, inner: engines.Engine) -> None:
        self.inner = inner
        self._given = 0

    def given(self, declared: Table, *rows: Row) -> ibis.Table:
        """Rows of a declared table as an expression; columns that no row names are null."""
        self._given += 1
        name = f"given_{self._given}_{declared.name}"
        self.inner.put(name, arrow(declared, *rows))
        return self.inner.table(name)

    def made(self, declared: Table, expression: ibis.Table) -> list[Row]:
        """What a stage made, cast as the run would and stored, in an order that depends on the rows alone."""
        self.inner.write("made", expression, declared.schema)
        return self.collect(self.inner.table("made"))

    def stage(self, name: str, **rows: list[Row]) -> list[Row]:
        """What the named stage of the flow makes of the rows given; a table that is not given is empty."""
        declared = {table.name.removeprefix("log_"): table for table in ALL if table.name != "log_exchanges"}
        stage = next(one for one in FLOW if one.makes.name == name)
        read = {one: self.given(declared[one], *rows.get(one, [])) for one in stage.reads}
        return self.made(stage.makes, stage.build(read, Config()))

    def collect(self, expression: ibis.Table) -> list[Row]:
        """What an expression gives that is no declared table."""
        rows: list[Row] = self.inner.collect(expression).to_pylist()
        return sorted(rows, key=repr)


def arrow(declared: Table, *rows: Row) -> pa.Table:
    """Rows as an Arrow table of the declared types; instants may be written as text."""
    unknown = {name for row in rows for name in row} - set(declared.names)
    assert not unknown, f"{declared.name} has no {unknown}"
    schema = pa.schema([(column.name, column.held) for column in declared.columns])
    return pa.Table.from_pylist([{name: _instant(value) for name, value in row.items()} for row in rows], schema=schema)


def _instant(value: Any) -> Any:
    """`2026-02-01 03:00` as an instant; every other text stays text."""
    if isinstance(value, str) and len(value) >= 16 and value[4:5] == value[7:8] == "-" and value[13:14] == ":":
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One session for all tests of a worker."""
    if reason := spark_here.missing():
        pytest.skip(reason)
    session = spark_here.started(tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresHere]:
    """One server for all tests of a worker. Whoever stops it starts it again."""
    if reason := postgres_here.missing():
        (pytest.fail if postgres_here.wanted() else pytest.skip)(reason)
    server = PostgresHere()
    yield server
    server.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, where several workers share the files."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: handed_out.place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Who gives files to workers gives all that is on Spark to one."""
    return handed_out.Together(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Stages give the same answer on every engine. Marked `engines`, of the test or else of its file: on those alone."""
    if "engine" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("engines")
        metafunc.parametrize("engine", ENGINES if marked is None else marked.args, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Small]:
    """One engine, named by the parameter."""
    inner: engines.Engine
    if request.param == "duckdb":
        inner = DuckDB(tmp_path / "tables", Engine())
    else:
        session = request.getfixturevalue("spark")
        spark_here.for_small_tables(session, True)
        inner = spark_here.engine(session, tmp_path / "tables", Config().spark)
    yield Small(inner)
    inner.close()


@pytest.fixture(name="arrow")
def _arrow() -> Any:
    return arrow


@dataclass(frozen=True)
class Scanned:
    """A log with a planted campaign, and what a scan of it gave."""

    log: Path
    out: Path
    outcome: Outcome


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Scanned:
    """Scanned once for all tests that read a result folder, and for all workers; nobody may write to it."""
    base = tmp_path_factory.getbasetemp()
    folder = base / "ring" if worker_id == "master" else base.parent / "ring"
    folder.mkdir(exist_ok=True)
    done = folder / "scanned.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder / "log", ignore_errors=True)  # of a scan that failed for another worker
            write(Story.read("a_ring_harvests_reasoning"), folder / "log")
            outcome = scan(Place(folder / "log", folder / "out"), Config())
            done.write_bytes(pickle.dumps(Scanned(folder / "log", folder / "out", outcome)))
    scanned: Scanned = pickle.loads(done.read_bytes())
    return scanned


@pytest.fixture(scope="module")
def module_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """An engine for one log that many tests of a file look at."""
    inner = DuckDB(tmp_path_factory.mktemp("tables"), Engine())
    yield Small(inner)
    inner.close()


@pytest.fixture
def stillwatch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process: exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stillwatch", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
            raise SystemExit(0)
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
