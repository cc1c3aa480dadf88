"""Importing the package is cheap, imports point down only, and stages do not know each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "stillwatch"
FLOOR = {"evidence", "tables", "config", "errors", "seconds", "tlp", "toml_file"}
STAGES = ("signals", "templates", "uses", "accounts", "links", "clusters", "campaigns")
HEAVY = ("ibis", "duckdb", "numba", "pyarrow", "numpy", "scipy", "networkit")


def imported(path: Path) -> set[str]:
    """Names directly under `stillwatch` that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "stillwatch":
                found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.split(".")[1] for alias in node.names if (name := alias.name).startswith("stillwatch.")}
    return found


def files(stage: str) -> list[Path]:
    return sorted((PACKAGE / stage).rglob("*.py")) if (PACKAGE / stage).is_dir() else [PACKAGE / f"{stage}.py"]


@pytest.mark.parametrize("stage", STAGES)
def test_stages_know_tables_never_each_other(stage: str) -> None:
    for path in files(stage):
        assert imported(path) <= {*FLOOR, stage}, path.relative_to(PACKAGE)


@pytest.mark.parametrize("floor", sorted(FLOOR))
def test_the_floor_knows_nothing_above_it(floor: str) -> None:
    for path in files(floor):
        assert imported(path) <= FLOOR, path.relative_to(PACKAGE)


def test_importing_the_package_loads_no_engine() -> None:
    told = f"import sys, stillwatch; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = [path.name for path in PACKAGE.rglob("*.py") if path.read_text(encoding="utf-8").count("\n") > 400]
    assert long == []
