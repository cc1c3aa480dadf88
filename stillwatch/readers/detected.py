"""Which shape a file of exchanges has, told from its first records, or said by the person who knows.

A file with the contract's columns has none: it goes the short way, as if there were no shapes. Of any other, the first
record that some shape recognises decides; one that nobody recognises is read as if it had the contract's columns, so that
the errors say what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from stillwatch.config import Reading
from stillwatch.errors import BadConfiguration
from stillwatch.readers.formats import Broken, Format, Reject
from stillwatch.readers.loglines import LOG_LINES
from stillwatch.readers.mapped import NATIVE, mapping, parsed_at
from stillwatch.readers.shape import Passed, Shape
from stillwatch.readers.shaped import shaped
from stillwatch.readers.shapes import ALL

AUTO = "auto"
_SAMPLED = 1_000  # records looked at: services log hundreds of lines at their start before the first request
_STEP = 20  # records a step
_OWN = frozenset({"exchange_id", "account_id"})  # the contract's names; no log of somebody else's has both
_REQUIRED = ("exchange_id", "account_id", "timestamp", "prompt", "messages")


class Detection:
    """What was asked for, and what the files turned out to be."""

    def __init__(self, reading: Reading) -> None:
        self.mapping = mapping(reading.map)
        self.forced = _named(reading.log_format)
        self._reading = reading
        self._unseen = {one.column: one for one in self.mapping if one.constant is None}
        self._looked = 0

    def format(self, path: Path, format: Format) -> Format | None:
        """How to read a file; None if its name says no more than that it is a log, and nothing in it is known."""
        own = _has_own_names(format, path)
        if own and self.forced is None and not self.mapping:
            return format
        shape = self.forced or (None if own else _recognised(_first(path, format, self._reading)))
        if shape is None and self.mapping:
            shape = NATIVE
        if shape is None:
            return None if format is LOG_LINES and not own else format
        if self._unseen:
            self._look(shape, path, format)
        return shaped(format, shape, self.mapping)

    def never_found(self) -> list[Reject]:
        """Paths of the mapping that no sampled record has; where exchanges need the column, that is an error."""
        if not self._looked:
            return []
        for one in self._unseen.values():
            if one.column in _REQUIRED:
                raise BadConfiguration(
                    f"the path of {one.column} leads to nothing in the first {self._looked:,} records", "--map",
                    "a path that occurs", "look at one record, for example head -1 FILE | jq .",
                )  # fmt: skip
        reason = f"the path given with --map leads to nothing in the first {self._looked:,} records"
        return [Reject("exchanges", 0, one.column, reason) for one in self._unseen.values()]

    def _look(self, shape: Shape, path: Path, format: Format) -> None:
        rows = shape.opened(path)
        for record in _first(path, format, self._reading):
            for row, part in rows(record) if isinstance(record, str) == shape.of_lines else ():
                if not isinstance(row, Passed):
                    self._looked += 1
                    for column, one in list(self._unseen.items()):
                        if parsed_at(part, one.path) is not None:
                            del self._unseen[column]


def _first(path: Path, format: Format, reading: Reading) -> Iterator[Any]:
    """The first records of a file, read in small steps: where one is enough, the others are not parsed."""
    if format.records is None:
        return
    try:
        for chunk in islice(format.records(path, replace(reading, chunk_rows=_STEP), None), _SAMPLED // _STEP):
            yield from (record for _, record in chunk.records)
    except Broken:
        return  # reading it will say so


def _named(name: str) -> Shape | None:
    if name == AUTO:
        return None
    known = {one.name: one for one in (NATIVE, *ALL)}
    if name not in known:
        allowed = ", ".join((AUTO, *known))
        raise BadConfiguration(
            f"there is no log format called {name!r}", "--log-format", allowed, "docs/log-formats.md"
        )
    return known[name]


def _has_own_names(format: Format, path: Path) -> bool:
    try:
        return format.names(path) >= _OWN
    except Broken:
        return False  # reading it will say so


def _recognised(records: Iterator[Any]) -> Shape | None:
    for record in records:
        for shape in ALL:
            if isinstance(record, str) == shape.of_lines and shape.recognises(record):
                return shape
    return None
