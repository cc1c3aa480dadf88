"""The store of cases on both: every test that takes `where` is run on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_here import PostgresHere


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
