"""Commitments to keys, written down before the first answer carries one: JSON lines, each with the hash of the line before.

What counts is what is on the disk: a key whose commitment is not is not used. Nothing is ever changed or taken out; a line that
was broken off by a crash was never promised to anybody, and the next writer takes it away. Several processes may write.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, commitment

START = "0" * 64  # the line before the first
_FILE_MODE = 0o600  # reasons and campaigns stand in it
_TELLS = {
    "commit": {"kind", "at", "scope", "from", "until", "commitment", "why", "before"},
    "open": {"kind", "at", "scope", "from", "until", "commitment", "key", "nonce", "before"},
}  # every line, and no more: what is not checked must not look as if it were


@dataclass(frozen=True)
class Line:
    """One line, as it stands."""

    kind: Literal["commit", "open"]
    at: str  # when it was written, by the clock of whoever did
    scope: str
    epoch: Epoch
    commitment: str
    hash: str  # of the line
    why: Mapping[str, Any]  # rules and what they went by; empty of an opening
    key: str = ""  # of an opening


def read(path: Path) -> tuple[Line, ...]:
    """All lines, once the chain and every opening in it have been found in order; anything else is an error."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)  # else a line that is being written would look broken off
            return _checked(file.read(), path)
    except OSError as problem:
        raise BadConfiguration(
            f"the registry cannot be read: {problem.strerror}", str(path), "what the guard wrote there"
        ) from None


def commit(path: Path, keys: Sequence[tuple[MarkKey, Mapping[str, Any]]], now: float) -> int:
    """Have commitments to these keys on the disk, each with why it is made; how many were not there before."""
    with _writing(path) as (file, lines):
        there = {one.commitment for one in lines}
        new = [(key, why) for key, why in keys if key.commitment not in there]
        _append(file, lines, [{"kind": "commit", **_named(key, now), "why": dict(why)} for key, why in new])
    return len(new)


def show(path: Path, key: MarkKey, now: float) -> bool:
    """Show a key and its nonce, so that anybody can verify what was committed to; False when it was shown before.

    Only one whose epoch is over: whoever knows a key can mark texts with it.
    """
    where = f"{path}: {key.scope}, {_instant(key.epoch.begins)}"
    if now < key.epoch.ends:
        raise BadConfiguration(
            "the key is still in use", where, f"a key is shown after its end, {_instant(key.epoch.ends)}"
        )
    with _writing(path) as (file, lines):
        if not any(one.commitment == key.commitment for one in lines if one.kind == "commit"):
            raise BadConfiguration(
                "this key was never committed to", where, "scope, day and secret of a line of the registry",
                "stillwatch watermark show",
            )  # fmt: skip
        if any(one.commitment == key.commitment for one in lines if one.kind == "open"):
            return False
        _append(file, lines, [{"kind": "open", **_named(key, now), "key": key.key, "nonce": key.nonce}])
    return True


def _named(key: MarkKey, now: float) -> dict[str, Any]:
    return {
        "at": datetime.fromtimestamp(now, UTC).isoformat(), "scope": key.scope, "from": _instant(key.epoch.begins),
        "until": _instant(key.epoch.ends), "commitment": key.commitment,
    }  # fmt: skip


@contextmanager
def _writing(path: Path) -> Iterator[tuple[int, tuple[Line, ...]]]:
    """The file, which nobody else writes to meanwhile, and what it says; on the disk when it is let go."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _FILE_MODE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            data = path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            lines = _checked(whole, path)
            if len(whole) < len(data):
                os.ftruncate(file, len(whole))
            yield file, lines
            os.fsync(file)  # also when nothing is new: whoever wrote the lines may have died before he came to it
            _settled(path.parent)
        finally:
            os.close(file)  # lets go of the lock
    except OSError as problem:
        raise BadConfiguration(
            f"the registry cannot be written: {problem.strerror}", str(path), "a file on a disk with room"
        ) from problem


def _settled(folder: Path) -> None:
    """The name of a new file is on the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _append(file: int, lines: Sequence[Line], rows: Sequence[dict[str, Any]]) -> None:
    before, data = lines[-1].hash if lines else START, b""
    for row in rows:
        line = orjson.dumps({**row, "before": before})
        before, data = hashlib.sha256(line).hexdigest(), data + line + b"\n"
    rest = memoryview(data)
    while rest:  # a disk that is almost full takes a part
        rest = rest[os.write(file, rest) :]


def _checked(data: bytes, path: Path) -> tuple[Line, ...]:
    """What the lines say; an error names the first that does not follow from those before it."""
    raw = data.split(b"\n")
    if raw.pop():
        raise _broken(path, len(raw) + 1, "it is broken off")
    lines: list[Line] = []
    committed: dict[str, Line] = {}
    for number, (before, one) in enumerate(pairwise([b"", *raw]), start=1):
        line = _line(one, path, number, hashlib.sha256(before).hexdigest() if number > 1 else START)
        if line.kind == "commit":
            committed.setdefault(line.commitment, line)
        elif line.commitment not in committed:
            raise _broken(path, number, "it opens what was not committed to before")
        lines.append(line)
    return tuple(lines)


def _line(raw: bytes, path: Path, number: int, before: str) -> Line:
    try:
        row = orjson.loads(raw)
        if row.keys() != _TELLS[row["kind"]]:
            raise ValueError("other fields than a line has")
        epoch = Epoch(_seconds(row["from"]), _seconds(row["until"]))
        line = Line(
            row["kind"], str(row["at"]), str(row["scope"]), epoch, str(row["commitment"]),
            hashlib.sha256(raw).hexdigest(), row.get("why") or {}, str(row.get("key", "")),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _broken(path, number, f"not readable: {problem}") from None
    if row["before"] != before:
        raise _broken(path, number, "it does not follow from the line before")
    if line.kind == "open" and commitment(line.scope, epoch, line.key, str(row["nonce"])) != line.commitment:
        raise _broken(path, number, "the key shown is not the one that was committed to")
    return line


def _broken(path: Path, number: int, why: str) -> BadConfiguration:
    return BadConfiguration(
        f"the registry is not as it was written: {why}", f"{path}: line {number}", "what the guard wrote there",
        "put it back from a copy; keys from a registry that was changed prove nothing",
    )  # fmt: skip


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())
