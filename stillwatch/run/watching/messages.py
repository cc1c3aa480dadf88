"""Messages laid down as a log: a file of JSON lines for each partition, so that every reader and --map work as with files."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from stillwatch.readers import Reject
from stillwatch.run.watching.source import Taken

_HELD = 32 << 20  # bytes held before they are written: a topic can have more partitions than files may be open
TOMBSTONE = "a tombstone: a message without a value"
BLANK = "a message with an empty value"


@dataclass
class _Part:
    """What came of one partition."""

    path: Path
    name: str
    start: int
    end: int
    crc: int = 0
    offsets: array[int] = field(default_factory=lambda: array("q"))  # by line: that of its message
    held: list[bytes] = field(default_factory=list)

    def write(self) -> None:
        text = b"".join(self.held)
        self.crc = zlib.crc32(text, self.crc)
        self.held.clear()
        with self.path.open("ab") as file:
            file.write(text)


class Laid:
    """A batch of messages while it comes."""

    def __init__(self, into: Path, topic: str) -> None:
        self.bytes = 0
        self.rejects: list[Reject] = []
        self._folder = into / "exchanges"
        self._topic = topic
        self._parts: dict[int, _Part] = {}
        self._held = 0

    def __bool__(self) -> bool:
        return bool(self._parts or self.rejects)

    def add(self, partition: int, offset: int, value: bytes | None) -> None:
        """One message, as the lines of a file; one that has none is set aside."""
        body = (value or b"").rstrip()
        if not body:
            name = place(named(self._topic, partition), offset)
            self.rejects.append(Reject(name, 0, "", TOMBSTONE if value is None else BLANK))
            return
        part = self._parts.get(partition) or self._begun(partition, offset)
        part.end = offset + 1
        if b"\n" in body and _is_one(body):
            body = body.replace(b"\n", b" ")
        part.held += (body, b"\n")
        part.offsets.extend([offset] * (body.count(b"\n") + 1))
        self.bytes += len(body) + 1
        self._held += len(body) + 1
        if self._held >= _HELD:
            self._write()

    def taken(self, position: dict[str, Any]) -> TakenMessages:
        self._write()
        parts = self._parts.values()
        files = [{"name": p.name, "start": p.start, "end": p.end, "line": 0, "crc": p.crc} for p in parts]
        # Full, because the next batch is gathered for a while as well: nothing else has to space them.
        return TakenMessages(position, files, True, self.rejects, [part.offsets for part in parts])

    def _begun(self, partition: int, offset: int) -> _Part:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{len(self._parts):06d}-{partition}.jsonl"
        part = self._parts[partition] = _Part(path, named(self._topic, partition), offset, offset)
        return part

    def _write(self) -> None:
        for part in self._parts.values():
            if part.held:
                part.write()
        self._held = 0


@dataclass(frozen=True)
class TakenMessages(Taken):
    """A batch of messages. Of a file, start and end are offsets, and crc is that of its bytes."""

    offsets: list[array[int]] = field(default_factory=list)  # by file and line

    def placed(self, number: int, line: int) -> tuple[str, int]:
        """A message is named by its offset; the line is that inside the message."""
        name = self.files[number]["name"]
        if not line:
            return name, 0
        offsets = self.offsets[number]
        offset = offsets[line - 1]
        return place(name, offset), line - bisect_left(offsets, offset)


def named(topic: str, partition: int) -> str:
    return f"{topic}-{partition}"


def place(name: str, offset: int, last: int | None = None) -> str:
    """How a message, or a run of them, is named to people."""
    return f"{name}@{offset}" if last is None else f"{name}@{offset}..{last}"


def _is_one(body: bytes) -> bool:
    """Whether this is one JSON document written over several lines. Inside its texts a line cannot end."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
