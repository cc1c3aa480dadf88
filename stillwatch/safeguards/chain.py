"""A file of promises: JSON lines, each with the hash of the line before, on the disk before anybody goes by them.

What counts is what is on the disk. Nothing is ever changed or taken out; a line that was broken off by a crash was never
promised to anybody, and the next writer takes it away. Several processes may write.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from stillwatch.disk import settle
from stillwatch.errors import BadConfiguration

START = "0" * 64  # the line before the first
_FILE_MODE = 0o600  # reasons and campaigns stand in it


@dataclass(frozen=True)
class Entry:
    """One line, as it stands."""

    row: Mapping[str, Any]
    hash: str  # of the line


@dataclass
class Writing:
    """A file that nobody else writes to meanwhile."""

    entries: tuple[Entry, ...]  # what it says
    _file: int = field(repr=False)

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """More lines."""
        before, data = self.entries[-1].hash if self.entries else START, b""
        added: list[Entry] = []
        for row in rows:
            line = orjson.dumps({**row, "before": before})
            before, data = hashlib.sha256(line).hexdigest(), data + line + b"\n"
            added.append(Entry(row, before))
        rest = memoryview(data)
        while rest:  # a disk that is almost full takes a part
            rest = rest[os.write(self._file, rest) :]
        self.entries += tuple(added)

    def settle(self) -> None:
        """Have them on the disk now, before what they announce is done."""
        os.fsync(self._file)


@dataclass(frozen=True)
class Chain:
    """Such a file. `tells` are the fields of each kind of line, and no others: what is not checked must not look checked."""

    path: Path
    name: str  # as people call it: the registry
    writer: str  # who writes it
    tells: Mapping[str, frozenset[str]]

    def read(self) -> tuple[Entry, ...]:
        """All lines, once they have been found in order; anything else is an error."""
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)  # else a line that is being written would look broken off
                return self._checked(file.read())
        except OSError as problem:
            raise BadConfiguration(
                f"{self.name} cannot be read: {problem.strerror}", str(self.path), f"what {self.writer} wrote there"
            ) from None

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The file to write to; on the disk when it is let go."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _FILE_MODE)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                data = self.path.read_bytes()
                whole = data[: data.rfind(b"\n") + 1]
                entries = self._checked(whole)
                if len(whole) < len(data):
                    os.ftruncate(file, len(whole))
                yield Writing(entries, file)
                os.fsync(file)  # also when nothing is new: whoever wrote the lines may have died before he came to it
                settle([self.path.parent])
            finally:
                os.close(file)  # lets go of the lock
        except OSError as problem:
            raise BadConfiguration(
                f"{self.name} cannot be written: {problem.strerror}", str(self.path), "a file on a disk with room"
            ) from problem

    def broken(self, number: int, why: str) -> BadConfiguration:
        """An error that names the line from which on nothing can be relied on."""
        return BadConfiguration(
            f"{self.name} is not as it was written: {why}", f"{self.path}: line {number}",
            f"what {self.writer} wrote there", "put it back from a copy; what was changed proves nothing",
        )  # fmt: skip

    def _checked(self, data: bytes) -> tuple[Entry, ...]:
        raw = data.split(b"\n")
        if raw.pop():
            raise self.broken(len(raw) + 1, "it is broken off")
        entries: list[Entry] = []
        for number, (before, one) in enumerate(pairwise([b"", *raw]), start=1):
            entries.append(self._entry(one, number, hashlib.sha256(before).hexdigest() if number > 1 else START))
        return tuple(entries)

    def _entry(self, raw: bytes, number: int, before: str) -> Entry:
        try:
            row = orjson.loads(raw)
            if row.keys() != self.tells[row["kind"]]:
                raise ValueError("other fields than a line has")
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise self.broken(number, f"not readable: {problem}") from None
        if row["before"] != before:
            raise self.broken(number, "it does not follow from the line before")
        return Entry(row, hashlib.sha256(raw).hexdigest())


def instant(seconds: float) -> str:
    """A moment as it is written down."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def seconds(written: str) -> float:
    """A moment as it was written down, in seconds since 1970."""
    return datetime.fromisoformat(written).timestamp()
