"""A server of its own for each test; and PostgreSQL, for those that are tried on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sharing.taxii.taxii_here import Here, here


@pytest.fixture
def taxii(tmp_path: Path) -> Iterator[Here]:
    with here(tmp_path) as found:
        yield found
