"""Rows of a file or folder of Parquet or JSON lines, one after another; what is no row is counted with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers.formats import Broken
from stillwatch.readers.lines import lines

LONGEST_LINE = 64 << 20  # bytes: a conversation of a million tokens, every character of it an escape
_BATCH = 2_000  # rows of Parquet held at once
_LINES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson")
_NOT_AN_OBJECT, _TOO_LONG = "not a JSON object", f"longer than {LONGEST_LINE >> 20} MiB"

SetAside = Counter[str]  # reasons, each with how many rows


def rows(place: Path, aside: SetAside) -> Iterator[dict[str, Any]]:
    """All rows, in the order of names of files and within a file; counts what is set aside."""
    for file in _files(place):
        try:
            yield from _parquet(file) if file.suffix == ".parquet" else _objects(file, aside)
        except Broken as problem:
            aside[f"{file.name}: {problem}"] += 1


def _files(place: Path) -> list[Path]:
    if place.is_file():
        if place.name.lower().endswith((".parquet", *_LINES)):
            return [place]
        raise UnknownFormat("no form of rows that is known", str(place), ", ".join((".parquet", *_LINES)))
    inside = place / "exchanges" if (place / "exchanges").is_dir() else place  # a log folder of the contract
    found = (
        sorted(one for one in inside.glob("*") if one.name.lower().endswith((".parquet", *_LINES)))
        if inside.is_dir()
        else []
    )
    if not found:
        raise NothingToRead(
            "there are no rows", str(place), f"a file or a folder of {', '.join(('.parquet', *_LINES))}"
        )
    return found


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                yield from batch.to_pylist()
    except (pa.ArrowInvalid, OSError) as problem:
        raise Broken(f"not readable: {problem}") from problem


def _objects(path: Path, aside: SetAside) -> Iterator[dict[str, Any]]:
    for line, _ in lines(path, LONGEST_LINE):
        if line is None:
            aside[_TOO_LONG] += 1
        elif line.strip():
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                row = None
            if isinstance(row, dict):
                yield row
            else:
                aside[_NOT_AN_OBJECT] += 1
