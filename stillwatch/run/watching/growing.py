"""A log folder that grows: new files are taken whole, plain lines as they are appended.

What is taken is put into a folder of its own, as a log: a file as a hard link (a copy where the state lies on another disk),
appended lines as a copy of those bytes. Side tables are read where they are.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.readers.folder import File, exchange_files
from stillwatch.run.watching.source import Taken

_PLAIN = (".jsonl", ".log")  # lines that may be appended to; all else comes whole
_BLOCK = 1 << 20  # bytes copied at a time
_LONGEST = 64 << 20  # bytes of a part at least, so that no line that can be read is cut in two


class GrowingFolder:
    """A folder with exchanges/ in it, as for scan. Of a file, start and end are bytes, end -1 for a whole one."""

    def __init__(self, folder: Path, settle_seconds: float, batch_bytes: int) -> None:
        self.folder = self.sides = folder
        self._settle = settle_seconds
        self._most = batch_bytes

    def take(self, position: dict[str, Any], into: Path, final: bool) -> Taken | None:
        """The next batch after `position`, put into a log folder; None when nothing has come.

        A file counts as complete when nobody wrote to it for a while, or at once when this is the `final` batch.
        """
        there = exchange_files(self.folder)[0]
        names = {file.name for file in there}
        position, size = {name: seen for name, seen in position.items() if name in names}, 0
        files: list[dict[str, Any]] = []
        for file in there:
            for part in self._new(file, position.get(file.name), final):
                put = self._put(file, part, into, len(files), self._most - size)
                if put is None:
                    continue
                size += put["size"]
                position[file.name] = put["seen"]
                files.append({name: put[name] for name in ("name", "start", "end", "line")})
            if size >= self._most:
                break
        return Taken(position, files, size >= self._most) if files else None

    def again(self, file: dict[str, Any], into: Path) -> bool:
        """Put a file taken before into a log folder once more; False when it is gone."""
        path = self.folder / file["name"]
        try:
            if file["end"] < 0:
                _linked(path, _target(into, 0, path))
            else:
                with path.open("rb") as source:
                    source.seek(file["start"])
                    _target(into, 0, path).write_bytes(source.read(file["end"] - file["start"]))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Nothing is held open."""

    def _new(self, file: File, seen: dict[str, Any] | None, final: bool) -> Iterator[dict[str, Any]]:
        """What has come of a file since it was seen: a part with its first byte and line."""
        state = file.path.stat()
        complete = final or time.time() - state.st_mtime >= self._settle
        if file.name.lower().endswith(_PLAIN):
            same = seen is not None and seen["inode"] == state.st_ino and seen["bytes"] <= state.st_size
            start, line = (seen["bytes"], seen["lines"]) if seen is not None and same else (0, 0)
            if state.st_size > start:
                yield {"start": start, "line": line, "complete": complete, "inode": state.st_ino}
        elif (seen is None or seen["time"] != state.st_mtime_ns or seen["bytes"] != state.st_size) and (
            complete or _readable(file.path)
        ):
            yield {"start": 0, "line": 0, "time": state.st_mtime_ns, "bytes": state.st_size}

    def _put(self, file: File, part: dict[str, Any], into: Path, number: int, room: int) -> dict[str, Any] | None:
        target = _target(into, number, file.path)
        if "time" in part:
            _linked(file.path, target)
            seen = {"time": part["time"], "bytes": part["bytes"]}
            return {"name": file.name, "start": 0, "end": -1, "line": 0, "size": part["bytes"], "seen": seen}
        end, lines = _copied(file.path, part["start"], part["start"] + max(room, _LONGEST), target, part["complete"])
        if end == part["start"]:
            target.unlink()
            return None
        seen = {"inode": part["inode"], "bytes": end, "lines": part["line"] + lines}
        return {
            "name": file.name, "start": part["start"], "end": end, "line": part["line"], "size": end - part["start"],
            "seen": seen,
        }  # fmt: skip


def _target(into: Path, number: int, path: Path) -> Path:
    folder = into / "exchanges"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # prompts: for nobody else
    return folder / f"{number:06d}-{path.name}"


def _linked(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _copied(path: Path, start: int, end: int, target: Path, complete: bool) -> tuple[int, int]:
    """Copy the lines that end before byte `end`; where the last of them does, and how many there are.

    What has no end yet is left for later, unless nothing more will come or it is too long to be a line.
    """
    lines = written = whole = 0  # `whole`: bytes up to the end of the last line
    with path.open("rb") as source, target.open("wb") as copy:
        source.seek(start)
        while block := source.read(min(_BLOCK, end - start - written)):
            copy.write(block)
            lines += block.count(b"\n")
            if (last := block.rfind(b"\n")) >= 0:
                whole = written + last + 1
            written += len(block)
        at_the_end = written < end - start
        cut = written if (at_the_end and complete) or (not at_the_end and not whole) else whole
        copy.truncate(cut)
    return start + cut, lines + (cut > whole)


def _readable(path: Path) -> bool:
    """A Parquet file has its footer only when it is written; of others nothing can be told."""
    if path.suffix.lower() != ".parquet":
        return False
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True
