"""Where a reference list comes from: shown wherever it decides something, since lists go stale and are wrong at times."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """One list. `entries` counts its lines, or the nodes of an address database."""

    name: str  # what it lists: disposable, academic, tor, …
    source: str
    date: str  # as the list itself tells, the version of a package, or when the file was last written
    entries: int
