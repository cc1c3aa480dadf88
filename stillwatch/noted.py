"""Rows of JSON, one a line, in a file a day: what was answered, to whom, for appeals and for whoever asks later."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson


class Notes:
    """Appends to FOLDER/YYYY-MM-DD.jsonl, for its owner alone. Several processes may."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._folder, self._now = folder, now
        self._day, self._handle = "", -1

    def __call__(self, row: dict[str, Any]) -> None:
        """OSError where the disk does not take it."""
        day = f"{datetime.fromtimestamp(self._now(), UTC):%Y-%m-%d}"
        if day != self._day:
            self.close()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self._folder / f"{day}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._day = day
        line = orjson.dumps(row) + b"\n"
        if os.write(self._handle, line) != len(line):  # one call a line, so that lines of two processes do not mix
            raise OSError("the disk is full")

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        self._day, self._handle = "", -1
