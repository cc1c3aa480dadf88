"""Rows of the accounts table of a log folder, in the wider form in which sign-ups are told (tables.LOG_SIGNUPS)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead
from stillwatch.readers.checked import Clock, checked
from stillwatch.readers.folder import side_files
from stillwatch.readers.formats import Broken
from stillwatch.tables import LOG_SIGNUPS

SetAside = Counter[str]  # reasons, each with how many rows


def account_rows(
    log: Path, columns: Sequence[str], reading: Reading, now: datetime, aside: SetAside
) -> Iterator[dict[str, Any]]:
    """These columns of every account, each account once; what cannot be used is counted in `aside` with its reason.

    NothingToRead where the log has no table of accounts.
    """
    files, rejects = side_files(log, "accounts") if log.is_dir() else ([], [])
    aside.update(f"{one.file}: {one.reason}" for one in rejects)
    if not files:
        raise NothingToRead("the log has no table of accounts", str(log), "accounts.parquet or accounts.jsonl")
    seen: set[str] = set()
    for file in files:
        try:
            for raw in file.format.raw(file.path, reading, list(columns), None):
                batch, bad = checked(raw, LOG_SIGNUPS, file.name, Clock.of(reading, now))
                aside.update(f"{one.file}: {one.column} {one.reason}" for one in bad)
                for row in batch.select(list(columns)).to_pylist():
                    if row["account_id"] in seen:
                        aside[f"{file.name}: duplicate of an account already read"] += 1
                        continue
                    seen.add(row["account_id"])
                    yield row
        except Broken as problem:
            aside[f"{file.name}: {problem}"] += 1
