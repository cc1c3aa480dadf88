"""JSON lines appended to a folder, one file for each process and hour, whole lines only.

Files and folder are for their owner alone, because prompts stand in them.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


class Appended:
    """The files that one process writes to a folder. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = uuid.uuid4().hex[:8]  # numbers of processes repeat between containers that share a disk
        self._path: Path | None = None
        self._file = -1

    def append(self, lines: Sequence[bytes], now: float) -> None:
        """Write these lines, which have no end yet. On OSError none of them is there."""
        self._open(now)
        data = memoryview(b"\n".join((*lines, b"")))
        before = os.fstat(self._file).st_size
        try:
            while data:  # a disk that is almost full takes a part
                data = data[os.write(self._file, data) :]
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def close(self) -> None:
        """Nothing more will come."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._path = -1, None

    def _open(self, now: float) -> None:
        path = self.folder / f"guard-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H}-{self._process}.jsonl"
        if path == self._path and path.exists():  # it may have been moved away: what is written must be found
            return
        self.close()
        self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _FILE_MODE)
        self._path = path
