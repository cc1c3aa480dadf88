"""JSON lines, plain or compressed: one object a line; a line that is not one is set aside alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from stillwatch.config import Reading
from stillwatch.readers.formats import CHUNK_BYTES, Broken, Format, Raw
from stillwatch.readers.lines import lines

_SAMPLED_LINES = 20  # lines looked at to tell which columns a file has, before it is read
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KINDS = {list: "a list", str: "a string", int: "a number", float: "a number", bool: "a boolean", type(None): "null"}


def _names(path: Path) -> set[str]:
    names: set[str] = set()
    try:
        for line, _ in islice(lines(path, Reading().max_line_bytes), _SAMPLED_LINES):
            row, _ = _parsed(line or b"", 0)
            names.update(row or ())
    except Broken:
        pass  # reading it will say so, after the rows that can be had
    return names


def _raw(path: Path, reading: Reading, wanted: list[str], only: frozenset[int] | None) -> Iterator[Raw]:
    start = 0
    for chunk, (gathered, used) in enumerate(_gathered(path, reading)):
        if only is None or chunk in only:
            yield _chunk(chunk, start, gathered, wanted, used, reading.max_line_bytes)
        elif chunk > max(only, default=-1):
            return
        start += len(gathered)


def _gathered(path: Path, reading: Reading) -> Iterator[tuple[list[bytes | None], int]]:
    """Lines in chunks. Where one ends depends on the lines alone, so that the same chunk can be found again."""
    held: list[bytes | None] = []
    size = used = 0
    stopped: Broken | None = None
    try:
        for line, used in lines(path, reading.max_line_bytes):
            held.append(line)
            size += len(line or b"")
            if len(held) >= reading.chunk_rows or size >= CHUNK_BYTES:
                yield held, used
                held, size = [], 0
    except Broken as problem:
        stopped = problem
    if held:
        yield held, used
    if stopped:
        raise stopped


def _chunk(chunk: int, start: int, gathered: list[bytes | None], wanted: list[str], used: int, limit: int) -> Raw:
    if start == 0 and gathered[0] is not None:
        gathered[0] = gathered[0].removeprefix(_BYTE_ORDER_MARK)
    rows: list[dict[str, Any]] = []
    places: list[int] = []
    broken: list[tuple[int, str]] = []
    for place, line in enumerate(gathered):
        row, reason = _parsed(line, limit)
        if row is not None:
            rows.append(row)
            places.append(place)
        elif reason:
            broken.append((place, reason))
    occurring: set[str] = set().union(*rows)
    columns = {name: [row.get(name) for row in rows] for name in wanted if name in occurring}
    return Raw(chunk, start, np.array(places, np.int32), columns, used, broken)


def _parsed(line: bytes | None, limit: int) -> tuple[dict[str, Any] | None, str]:
    """The object on a line, or None and why not; an empty line is neither."""
    if line is None:
        return None, f"the line is longer than reading.max_line_bytes, {limit:,} bytes"
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as problem:
        if not line.strip():
            return None, ""
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as bad:
            return None, f"not UTF-8: byte {bad.start + 1} of the line is 0x{line[bad.start]:02x}"
        return None, f"not JSON: {problem.msg}"
    if isinstance(row, dict):
        return row, ""
    return None, f"a JSON object was expected, this is {_KINDS[type(row)]}"


JSONL = Format("JSON lines", (".jsonl", ".jsonl.gz", ".jsonl.zst"), _names, False, _raw)
