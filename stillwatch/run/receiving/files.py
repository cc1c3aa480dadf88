"""The files that received lines are kept in: one an hour, appended to and nothing else, gone some hours after.

Only files that a list in the state names are ever appended to or removed: what else lies in the log folder is the operator's.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from stillwatch.config import Watch
from stillwatch.disk import settle

_LIST = "received.json"
_HOUR = 3600  # seconds


@dataclass
class _File:
    inode: int
    bytes: int = 0  # written
    absorbed: int = 0  # of them, taken by the watch


class ReceivedFiles:
    """Written to by one thread and told by another what was absorbed."""

    def __init__(self, source: Path, state: Path, settings: Watch, now: Callable[[], float] = time.time) -> None:
        self._folder = source / "exchanges"
        self._list = state / _LIST
        self._settings, self._now = settings, now
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}
        self._handle: int | None = None
        self._open = ""  # name of the file that the handle writes to

    def open(self) -> None:
        """Take up the files that a process before this one left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        listed = orjson.loads(self._list.read_bytes()) if self._list.exists() else {}
        for name, inode in listed.items():
            path = self._folder / name
            if not path.exists():
                self._files[name] = _File(inode)
            elif path.stat().st_ino == inode:
                self._files[name] = _File(inode, path.stat().st_size)

    def close(self) -> None:
        with self._lock:
            self._leave()

    def write(self, lines: bytes) -> None:
        """Append whole lines, which are on the disk when this returns. After an error none of them counts as taken."""
        with self._lock:
            handle, again = self._for_this_hour()
            try:
                left = memoryview(b"\n" + lines if again else lines)  # whatever was cut there spoils none of these
                while left:
                    done = os.write(handle, left)
                    self._files[self._open].bytes += done
                    left = left[done:]
                os.fsync(handle)
            except OSError:
                self._leave()  # what it holds now is not known until it is opened again
                raise

    def waiting(self) -> int:
        """Bytes that were received and not absorbed."""
        return sum(one.bytes - one.absorbed for one in list(self._files.values()))

    def refusal(self) -> str:
        """Why nothing more can be taken for now; empty if it can."""
        if self.waiting() >= self._settings.max_waiting_mib << 20:
            return "too much waits to be absorbed"
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return "the log folder is not there"
        return "the disk is nearly full" if free < self._settings.min_free_mib << 20 else ""

    def absorbed(self, position: dict[str, Any]) -> None:
        """The watch has committed up to here: files with nothing left in them are removed when their time is over."""
        oldest = self._now() - self._settings.received_hours * _HOUR
        with self._lock:
            for name, file in list(self._files.items()):
                seen = position.get(f"exchanges/{name}", {})
                if seen.get("inode") == file.inode:
                    file.absorbed = min(seen["bytes"], file.bytes)
                path = self._folder / name
                if not path.exists():  # somebody else removed it
                    file.absorbed = file.bytes
                elif file.absorbed < file.bytes or path.stat().st_mtime > oldest:
                    continue
                if name.startswith(self._hour()):
                    continue
                if name == self._open:
                    self._leave()
                path.unlink(missing_ok=True)
                del self._files[name]
                self._remember()

    def _for_this_hour(self) -> tuple[int, bool]:
        """The file to write to, and whether it was just opened with something in it."""
        name = self._name()
        if self._handle is not None and self._open == name:
            return self._handle, False
        self._leave()
        new = name not in self._files
        flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if new else 0)
        self._handle, self._open = os.open(self._folder / name, flags, 0o600), name
        state = os.fstat(self._handle)
        self._files[name] = replace(self._files.get(name, _File(state.st_ino)), bytes=state.st_size)
        if new:
            settle([self._folder])
            self._remember()
        return self._handle, state.st_size > 0

    def _name(self) -> str:
        """The first name of the hour that is ours or nobody's.

        Ours that is gone is passed over: a new file may get its inode, and the watch would take it for the one it knows.
        """
        number = 1
        while True:
            name = f"{self._hour()}.jsonl" if number == 1 else f"{self._hour()}-{number}.jsonl"
            if (name in self._files) == (self._folder / name).exists():
                return name
            number += 1

    def _hour(self) -> str:
        return time.strftime("otlp-%Y%m%dT%H", time.gmtime(self._now()))

    def _leave(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self._open = None, ""

    def _remember(self) -> None:
        draft = self._list.with_suffix(".partial")
        draft.write_bytes(orjson.dumps({name: one.inode for name, one in self._files.items()}))
        settle([draft])
        draft.replace(self._list)
        settle([self._list.parent])
