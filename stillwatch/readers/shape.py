"""What a log shape is: how a log that others write is recognised, and how one of its records becomes exchanges.

A shape is one file in shapes/ and one line in `shapes.ALL`. It is a function from a record to rows with the contract's
column names; it keeps no state from one record to the next, and never raises, whatever the record is. It travels to
executors, so its functions are plain ones with names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

Row = dict[str, Any]  # the contract's column → value; absent and None are the same


@dataclass(frozen=True, slots=True)
class Passed:
    """A record, or a part of one, that is no exchange, and what it is instead. Counted, and no error."""

    what: str  # in the plural: "embeddings"


Part = tuple[Row | Passed, Any]  # what was made, and the part of the record it was made of, where --map looks
Rows = Callable[[Any], Iterator[Part]]


@dataclass(frozen=True)
class Shape:
    name: str  # as --log-format takes it
    title: str
    recognises: Callable[[Any], bool]  # one record: a JSON object, or a line of text
    opened: Callable[[Path], Rows]  # asked once a file, so that a shape can look at what lies beside it
    of_lines: bool = False  # records are lines of text, not JSON objects
    hints: Mapping[str, str] = field(default_factory=dict)  # column → what to do when the log lacks it


def each(rows: Rows) -> Callable[[Path], Rows]:
    """For a shape to which all files are alike."""
    return partial(_alike, rows)


def _alike(rows: Rows, path: Path) -> Rows:
    return rows
