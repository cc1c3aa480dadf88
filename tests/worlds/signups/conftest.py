"""Small worlds of sign-ups, made once a run and asked in SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from stillwatch.worlds.signups import Summary, make

SCALE = 0.02  # 4,800 honest and 480 fraudulent
SEED = 253


class Made:
    """A world as one view `rows`: what the provider has, with its labels."""

    def __init__(self, folder: Path, summary: Summary) -> None:
        self.folder, self.summary = folder, summary
        self.db = duckdb.connect()
        self.db.sql(
            f"CREATE VIEW rows AS SELECT * FROM '{folder}/log/accounts.parquet' AS log "
            f"JOIN '{folder}/labels/accounts.parquet' AS labels USING (account_id)"
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.db.sql(query).fetchall()

    def one(self, query: str) -> Any:
        return self.ask(query)[0][0]


@pytest.fixture(scope="session")
def crude(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("crude")
    return Made(folder, make(folder, scale=SCALE, seed=SEED, rung=0))


@pytest.fixture(scope="session")
def residential(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("residential")
    return Made(folder, make(folder, scale=SCALE, seed=SEED, rung=1))


@pytest.fixture(scope="session")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("patient")
    return Made(folder, make(folder, scale=SCALE, seed=SEED, rung=3))
