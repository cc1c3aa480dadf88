"""What a file format hands over: rows as the file has them, chunk by chunk, and what could not be read.

A format is one file in this folder and one line in `folder.ALL`. Which columns its rows have is another matter: a log
that names them differently than the contract goes through a shape (shapes/), and takes its records, not its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from stillwatch.config import Reading

CHUNK_BYTES = 256 * 1024 * 1024  # bytes of text a chunk aims to stay under: with two in flight, 1 GB is enough


@dataclass(frozen=True, slots=True)
class Reject:
    """One input row that was set aside, or with line 0 a whole file. The reason never quotes text or identifiers."""

    file: str  # path below the log folder
    line: int  # from 1: the line of a JSONL file, the row of a Parquet file; 0 means the file
    column: str
    reason: str


class Broken(Exception):
    """The file cannot be read any further; what it gave before stands."""


@dataclass(frozen=True)
class Raw:
    """One chunk of rows, untyped: a column is an Arrow array, or a list of Python values where types may mix."""

    chunk: int  # number inside the file
    start: int  # rows (lines) of the file before this chunk
    rows: np.ndarray  # int32: place of each row inside the chunk; broken lines leave gaps
    columns: dict[str, Any]
    bytes_read: int  # bytes of the file used so far
    broken: list[tuple[int, str]] = field(default_factory=list)  # (place of the line inside the chunk, reason)
    lines: np.ndarray | None = None  # int32, by row: place of its line, where one line can hold several rows
    passed: Mapping[str, int] = field(default_factory=dict)  # what was no exchange, in words → how many
    hints: Mapping[str, str] = field(default_factory=dict)  # column → what to do when the log lacks it

    def line(self, row: int) -> int:
        """Line of the file, from 1, on which this row of the chunk stands."""
        return self.start + int(row if self.lines is None else self.lines[row]) + 1


@dataclass(frozen=True)
class Records:
    """One chunk of a file as records: parsed JSON objects, rows of a table, or lines of text.

    They come one at a time, because parsed they take many times the room of their text; `broken` is complete when all came.
    """

    chunk: int
    start: int
    records: Iterator[tuple[int, Any]]  # place of its line inside the chunk, and the record
    bytes_read: int
    broken: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Format:
    name: str
    suffixes: tuple[str, ...]
    names: Callable[[Path], set[str]]  # columns of the file, as far as can be told without reading it; may raise Broken
    complete_names: bool  # `names` is the whole truth, because the format has a schema
    # (path, settings, columns wanted, chunks wanted or None for all) → chunks in order; may raise Broken at any point
    raw: Callable[[Path, Reading, list[str], frozenset[int] | None], Iterator[Raw]]
    # the same chunks as whole records; None where nobody logs exchanges so
    records: Callable[[Path, Reading, frozenset[int] | None], Iterator[Records]] | None = None

    def recognises(self, name: str) -> bool:
        return name.lower().endswith(self.suffixes)
