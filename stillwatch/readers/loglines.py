"""Log files as services write them, .log or .json: each line an object if it is JSON, and text if it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from stillwatch.config import Reading
from stillwatch.readers.formats import Format, Records
from stillwatch.readers.jsonl import JSONL, gathered_lines, too_long


def _records(path: Path, reading: Reading, only: frozenset[int] | None) -> Iterator[Records]:
    for chunk, start, gathered, used in gathered_lines(path, reading, only):
        found = ((place, _record(line)) for place, line in enumerate(gathered) if line is not None and line.strip())
        limit = reading.max_line_bytes
        broken = [(place, too_long(limit)) for place, line in enumerate(gathered) if line is None]
        yield Records(chunk, start, found, used, broken)


def _record(line: bytes) -> Any:
    """Text is never broken: a byte that is none is replaced, because the lines of a log are for people."""
    if line.lstrip()[:1] == b"{":
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError:
            pass
    return line.decode("utf-8", "replace").rstrip("\r")


_SUFFIXES = tuple(f"{kind}{packed}" for kind in (".log", ".json") for packed in ("", ".gz", ".zst"))

LOG_LINES = Format("log lines", _SUFFIXES, JSONL.names, False, JSONL.raw, _records)
