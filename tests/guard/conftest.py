"""What tests of the guard share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis_here


@pytest.fixture
def redis() -> Iterator[redis_here.RedisHere]:
    """A server of the test's own."""
    if reason := redis_here.missing():
        (pytest.fail if redis_here.wanted() else pytest.skip)(reason)
    server = redis_here.RedisHere()
    yield server
    server.close()
