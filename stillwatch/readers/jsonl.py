"""JSON lines, plain or compressed: one object a line; a line that is not one is set aside alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from stillwatch.config import Reading
from stillwatch.readers.formats import CHUNK_BYTES, Broken, Format, Raw, Records
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
    for one in records(path, reading, only):
        places: list[int] = []
        rows: list[dict[str, Any]] = []
        for place, row in one.records:
            places.append(place)
            rows.append(row)
        occurring: set[str] = set().union(*rows)
        columns = {name: [row.get(name) for row in rows] for name in wanted if name in occurring}
        yield Raw(one.chunk, one.start, np.array(places, np.int32), columns, one.bytes_read, one.broken)


def records(path: Path, reading: Reading, only: frozenset[int] | None) -> Iterator[Records]:
    """The objects of a file, chunk by chunk."""
    for chunk, start, gathered, used in gathered_lines(path, reading, only):
        broken: list[tuple[int, str]] = []
        yield Records(chunk, start, _objects(gathered, reading.max_line_bytes, broken), used, broken)


def gathered_lines(
    path: Path, reading: Reading, only: frozenset[int] | None
) -> Iterator[tuple[int, int, list[bytes | None], int]]:
    """Number of a chunk, lines before it, its lines, and the bytes of the file used so far."""
    start = 0
    for chunk, (gathered, used) in enumerate(_gathered(path, reading)):
        if only is None or chunk in only:
            if start == 0 and gathered[0] is not None:
                gathered[0] = gathered[0].removeprefix(_BYTE_ORDER_MARK)
            yield chunk, start, gathered, used
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


def _objects(
    gathered: list[bytes | None], limit: int, broken: list[tuple[int, str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, line in enumerate(gathered):
        row, reason = _parsed(line, limit)
        if row is not None:
            yield place, row
        elif reason:
            broken.append((place, reason))


def _parsed(line: bytes | None, limit: int) -> tuple[dict[str, Any] | None, str]:
    """The object on a line, or None and why not; an empty line is neither."""
    if line is None:
        return None, too_long(limit)
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


def too_long(limit: int) -> str:
    return f"the line is longer than reading.max_line_bytes, {limit:,} bytes"


JSONL = Format("JSON lines", (".jsonl", ".jsonl.gz", ".jsonl.zst"), _names, False, _raw, records)
