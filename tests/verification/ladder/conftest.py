"""The store of cases on both: every test that takes `where` is run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import postgres_here
import pytest
from postgres_here import PostgresHere


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresHere]:
    """One server for all tests of a worker. Whoever stops it starts it again."""
    if reason := postgres_here.missing():
        (pytest.fail if postgres_here.wanted() else pytest.skip)(reason)
    server = PostgresHere()
    yield server
    server.close()


@pytest.fixture
def database(postgres: PostgresHere) -> str:
    """The URL of an empty database."""
    return postgres.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A path or a URL at which there is no store yet."""
    if request.param == "sqlite":
        return str(tmp_path / "cases.db")
    url: str = request.getfixturevalue("database")
    return url
