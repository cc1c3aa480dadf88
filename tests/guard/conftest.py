"""What tests of the guard share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis_here
from guard_placed import guards


@pytest.fixture
def redis() -> Iterator[redis_here.RedisHere]:
    """A server of the test's own."""
    if reason := redis_here.missing():
        (pytest.fail if redis_here.wanted() else pytest.skip)(reason)
    server = redis_here.RedisHere()
    yield server
    server.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Any]:
    """Starts a guard with the rules given; sk-campaign and sk-other are keys of a campaign's accounts, sk-honest is not."""
    with guards(tmp_path) as put:
        yield put
