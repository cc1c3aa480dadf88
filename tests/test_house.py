"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import stillwatch
from stillwatch import flow, tables
from stillwatch.tables import Table

ROOT = Path(__file__).parents[1]
MOST_LINES = 400  # a longer file has two ideas in it
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "manager", "processor", "base", "misc"}
LEFT_OVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
FILES = sorted(path for folder in ("stillwatch", "bench", "docs", "tests") for path in (ROOT / folder).rglob("*.py"))


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_no_file_is_longer_than_one_idea() -> None:
    limited = [path for path in FILES if not path.is_relative_to(ROOT / "tests")]
    assert named([path for path in limited if len(path.read_text().splitlines()) > MOST_LINES]) == []


def test_names_say_what_comes_out() -> None:
    assert named([path for path in FILES if path.stem.lstrip("_") in SAYS_NOTHING]) == []
    assert named([path.parent for path in FILES if path.parent.name in SAYS_NOTHING]) == []


def test_nothing_is_left_to_do_in_a_comment() -> None:
    assert named([path for path in FILES if LEFT_OVER.search(path.read_text())]) == []


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in FILES if not _docstring(path)]
    assert named([path for path in silent if not path.is_relative_to(ROOT / "tests")]) == []


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text()))


def test_every_module_of_the_package_has_its_layer() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    placed = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    top = {f"stillwatch.{path.stem}" for path in (ROOT / "stillwatch").iterdir() if path.suffix == ".py"}
    top |= {f"stillwatch.{path.parent.name}" for path in (ROOT / "stillwatch").glob("*/__init__.py")}
    assert top - {"stillwatch.__init__"} == placed


def test_every_table_is_listed_under_a_name_of_its_own() -> None:
    declared = {name: one for name, one in vars(tables).items() if isinstance(one, Table)}
    assert {name.lower() for name in declared} == {one.name for one in tables.ALL}
    assert len(tables.ALL) == len(declared)


def test_every_column_says_what_it_means() -> None:
    assert [f"{table.name}.{c.name}" for table in tables.ALL for c in table.columns if not c.meaning] == []


def test_every_stage_reads_what_is_there_by_then() -> None:
    """What the two passes over the log leave, and then what each stage adds."""
    there = {"uses", "registered", "evidence", "declared", "releases", "indicators"}
    for stage in flow.FLOW:
        assert set(stage.reads) <= there, stage.makes.name
        there.add(stage.makes.name)


def test_the_front_door() -> None:
    assert stillwatch.__all__ == ["Campaign", "Config", "Finding", "Reason", "Report", "StillwatchError", "load"]
    assert all(hasattr(stillwatch, name) for name in stillwatch.__all__)


@pytest.mark.parametrize("module", ["stillwatch", "stillwatch.cli"])
def test_importing_it_loads_no_engine(module: str) -> None:
    heavy = ("duckdb", "ibis", "pandas", "numba", "networkit", "uvicorn", "google.protobuf", "prometheus_client")
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
