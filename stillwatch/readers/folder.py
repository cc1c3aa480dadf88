"""The files of a log folder, in a fixed order, each once; what is not read is named, with the reason.

Links are followed when they stay inside the folder and lead to something new. Anything else about them (outside,
back to a folder above, to a file already read, to nothing) is a reject, so that no log is counted twice or left unsaid.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stillwatch.readers.formats import Format, Reject
from stillwatch.readers.jsonl import JSONL
from stillwatch.readers.loglines import LOG_LINES
from stillwatch.readers.looks_like import looks_like
from stillwatch.readers.parquet import PARQUET
from stillwatch.readers.stix import STIX

ALL: tuple[Format, ...] = (PARQUET, JSONL)
_EXCHANGES = (*ALL, LOG_LINES)
ALLOWED = (
    "exchanges/*" + ", *".join(suffix for one in ALL for suffix in one.suffixes) + ", at most two folders deep; "
    "*.log and *.json of a format in docs/log-formats.md"
)
_DEEPEST = 2  # folders below exchanges/: a day, and a data set that is a folder of parts


@dataclass(frozen=True)
class File:
    path: Path
    name: str  # below the log folder, with forward slashes
    format: Format
    bytes: int


def exchange_files(folder: Path) -> tuple[list[File], list[Reject]]:
    """Every file under exchanges/ that a format recognises, sorted by path, and what else lies there."""
    walk = _Walk(folder, _EXCHANGES)
    start = folder / "exchanges"
    if start.exists() and walk.allows(start, "exchanges"):
        walk.enter(start, "exchanges", 0)
    return sorted(walk.files, key=lambda one: one.name), sorted(walk.rejects, key=lambda one: one.file)


def side_files(folder: Path, table: str) -> tuple[list[File], list[Reject]]:
    """The file (or folder of parts) of a side table. Of several, the first is read and the others are set aside."""
    formats = (*ALL, STIX) if table == "indicators" else ALL
    walk = _Walk(folder, formats)
    taken = ""
    candidates = [one for one in _entries(folder) if one.name.startswith(f"{table}.")]
    for entry in sorted(candidates, key=lambda one: walk.rank(one.name)):
        name = entry.name
        if taken:
            walk.reject(name, f"set aside, because {taken} is read")
        elif walk.allows(Path(entry.path), name):
            before = len(walk.files)
            walk.take(Path(entry.path), name, 1)
            taken = name if len(walk.files) > before else ""
    return sorted(walk.files, key=lambda one: one.name), walk.rejects


class _Walk:
    """One walk through a folder: where it was, what it found."""

    def __init__(self, root: Path, formats: tuple[Format, ...]) -> None:
        self.root = root.resolve()
        self.formats = formats
        self.files: list[File] = []
        self.rejects: list[Reject] = []
        self.seen: dict[Path, str] = {}  # real path → the name it was first met under

    def reject(self, name: str, reason: str) -> None:
        self.rejects.append(Reject(name, 0, "", reason))

    def enter(self, folder: Path, name: str, depth: int) -> None:
        # Real entries before links: the file itself is read and the link is the one that is set aside.
        for entry in sorted(_entries(folder), key=lambda one: (one.is_symlink(), one.name)):
            if entry.name.startswith((".", "_")):
                continue  # what Spark and editors leave beside the data: _SUCCESS, .part.crc
            if self.allows(Path(entry.path), f"{name}/{entry.name}"):
                self.take(Path(entry.path), f"{name}/{entry.name}", depth + 1)

    def take(self, path: Path, name: str, depth: int) -> None:
        """A file, or the files of a folder."""
        if path.is_dir():
            if depth > _DEEPEST:
                self.reject(name, f"folders may nest {_DEEPEST} deep below exchanges/, not deeper")
                return
            before = len(self.files)
            self.enter(path, name, depth)
            if len(self.files) == before and self._format(name) is not None:
                self.reject(name, "a folder with the name of a file, and no file in it that can be read")
            return
        if not path.is_file():
            self.reject(name, "not a regular file")
            return
        form = self._format(name)
        if form is None:
            self.reject(name, not_read(path))
        else:
            self.files.append(File(path, name, form, path.stat().st_size))

    def allows(self, path: Path, name: str) -> bool:
        """Whether a path leads somewhere new inside the log folder; if not, that is said."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: how pathlib reports a loop
            self.reject(name, "a link in a circle or to nothing")
            return False
        if not real.is_relative_to(self.root):
            self.reject(name, "a link to a place outside the log folder: not followed")
        elif real in self.seen:
            self.reject(name, f"a link to {self.seen[real]}, which is read already")
        elif path.is_symlink() and Path(os.path.abspath(path)).is_relative_to(real):
            self.reject(name, "a link to a folder above it")
        else:
            self.seen[real] = name
            return True
        return False

    def rank(self, name: str) -> int:
        """Which of several files is read: Parquet before JSON lines before the rest."""
        form = self._format(name)
        return len(self.formats) if form is None else self.formats.index(form)

    def _format(self, name: str) -> Format | None:
        return next((one for one in self.formats if one.recognises(name)), None)


def not_read(path: Path) -> str:
    """Why a file is none that is read, with what it looks like."""
    hint = looks_like(path)
    return "not a format that is read" + (f"; it looks like {hint}" if hint else "")


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    def listed() -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            yield from entries

    return sorted(listed(), key=lambda one: one.name)
