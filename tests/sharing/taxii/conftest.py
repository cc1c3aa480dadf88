"""A server of its own for each test; and PostgreSQL, for those that are tried on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import postgres_here
import pytest
from postgres_here import PostgresHere

from tests.sharing.taxii.taxii_here import Here, here


@pytest.fixture
def taxii(tmp_path: Path) -> Iterator[Here]:
    with here(tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresHere]:
    """One server for all tests of a worker."""
    if reason := postgres_here.missing():
        (pytest.fail if postgres_here.wanted() else pytest.skip)(reason)
    server = PostgresHere()
    yield server
    server.close()
