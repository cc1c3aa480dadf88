"""A file of somebody else's log, read as exchanges: its records go through a shape, and through --map where one is given.

A row's place is its number among the rows that its chunk gave, so one line may hold many; rejects name the line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from stillwatch.config import Reading
from stillwatch.readers.formats import Broken, Format, Raw, Records
from stillwatch.readers.mapped import Mapped, put
from stillwatch.readers.shape import Passed, Row, Rows, Shape

OTHER_KIND = "lines of another kind"


def shaped(format: Format, shape: Shape, mapping: tuple[Mapped, ...]) -> Format:
    """The file format with the contract's columns, as the shape makes them."""
    raw = partial(_raw, format, shape, mapping)
    return replace(format, name=shape.title, names=_unknown, complete_names=False, raw=raw)


def _unknown(path: Path) -> set[str]:
    """Which columns there will be is known when they were made."""
    return set()


def _raw(
    format: Format, shape: Shape, mapping: tuple[Mapped, ...], path: Path, reading: Reading, wanted: list[str],
    only: frozenset[int] | None,
) -> Iterator[Raw]:  # fmt: skip
    assert format.records is not None, f"BUG: {format.name} hands over no records"
    try:
        rows = shape.opened(path)
    except OSError as problem:
        raise Broken(f"not readable: {problem.strerror or problem}") from problem
    for one in format.records(path, reading, only):
        yield _chunk(one, shape, rows, mapping, wanted)


def _chunk(read: Records, shape: Shape, rows: Rows, mapping: tuple[Mapped, ...], wanted: list[str]) -> Raw:
    made: list[Row] = []
    lines: list[int] = []
    passed: Counter[str] = Counter()
    for place, record in read.records:
        if isinstance(record, str) != shape.of_lines:
            passed[OTHER_KIND] += 1
            continue
        for row, part in rows(record):
            if isinstance(row, Passed):
                passed[row.what] += 1
                continue
            put(mapping, part, row)
            made.append(row)
            lines.append(place)
    columns: dict[str, Any] = {}
    for name in wanted:
        values = [row.get(name) for row in made]
        if any(value is not None for value in values):
            columns[name] = values
    if "turn" in columns and "system" in wanted:  # whole conversations: one without a system prompt has none
        columns.setdefault("system", [None] * len(made))
    return Raw(
        read.chunk, read.start, np.arange(len(made), dtype=np.int32), columns, read.bytes_read, read.broken,
        np.array(lines, np.int32), passed, shape.hints,
    )  # fmt: skip
