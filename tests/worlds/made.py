"""Worlds made once for all tests of a run, and asked in SQL."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stillwatch.worlds import load, make

SCALE = 0.003  # every group at its smallest or little more: some 120,000 ordinary exchanges
SEED = 17


class Made:
    """A made world as views: rows, accounts, labels (of accounts), marks (of exchanges)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = duckdb.connect()
        for view, path in {
            "rows": "log/exchanges/*.parquet",
            "accounts": "log/accounts.parquet",
            "labels": "labels/accounts.parquet",
            "marks": "labels/exchanges.parquet",
        }.items():
            self.db.sql(f"CREATE VIEW {view} AS SELECT * FROM '{folder}/{path}'")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.db.sql(query).fetchall()

    def ask_all(self, *statements: str) -> None:
        for statement in statements:
            self.db.execute(statement)

    def one(self, query: str) -> Any:
        """The only value of the only row."""
        return self.ask(query)[0][0]


def made(factory: pytest.TempPathFactory, name: str, rung: int = 0) -> Made:
    """The world, written by whichever worker comes first."""
    run = factory.getbasetemp() if "PYTEST_XDIST_WORKER" not in os.environ else factory.getbasetemp().parent
    base = run / f"world-{name}@{rung}"
    base.mkdir(exist_ok=True)
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / "made").exists():
            make(base, load(name, rung), scale=SCALE, seed=SEED, workers=1)
            (base / "made").touch()
    return Made(base)
