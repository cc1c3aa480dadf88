"""Responses to accounts as rows of a file: JSON lines, added and never changed, each with a key, an end and its undoing.

Whatever carries rows out (a mailer, an operator's tool, the guard) reads this file. The same key is written once, so that a
command that is run twice acts once. Nothing here bans anybody.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration, ResponseFailed

KINDS = ("remind", "limit", "suspend", "rotate_keys", "notify", "watch", "declare")
_MODE = 0o600  # who is limited, and why, is nobody else's business


@dataclass(frozen=True)
class Response:
    """One row: what is done to an account, or for it."""

    key: str  # the same for the same response
    account_id: str
    what: str  # of KINDS, or `undo`
    why: str  # for colleagues
    since: float  # seconds since 1970
    expires_at: float  # seconds since 1970: from then on it is as if it had never been said
    undo: str  # how it is taken back, in words
    appeal: str  # what a customer quotes when he writes
    case: str = ""
    undoes: str = ""  # key of the row that an `undo` takes back
    told: str = ""  # words that may be said to the customer; empty where nothing is said
    details: tuple[str, ...] = ()  # such as keys to be rotated


def read(path: Path) -> list[Response]:
    """All rows, in the order in which they were written. A last line that was broken off was never carried out."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise BadConfiguration(
            f"responses not readable: {problem.strerror}", str(path), "a file of responses"
        ) from None
    return _rows(data, path)


def in_force(rows: Iterable[Response], now: float) -> list[Response]:
    """Rows that stand: not undone, and not over."""
    rows = list(rows)
    undone = {one.undoes for one in rows if one.what == "undo"}
    return [one for one in rows if one.what != "undo" and one.key not in undone and one.since <= now < one.expires_at]


def write(path: Path, rows: Sequence[Response]) -> int:
    """Add the rows whose keys are not there yet, on the disk before this returns; gives how many were added."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _MODE)
    except OSError as problem:
        raise ResponseFailed(f"responses cannot be written: {problem.strerror}", str(path), "a file") from None
    with os.fdopen(file, "r+b", buffering=0) as there:
        fcntl.flock(there, fcntl.LOCK_EX)
        before = there.read() or b""
        whole = before[: before.rfind(b"\n") + 1]
        known = {one.key for one in _rows(whole, path)}
        new = list({one.key: one for one in rows if one.key not in known}.values())
        try:
            if len(whole) < len(before):
                there.truncate(len(whole))  # a line that a crash broke off
            rest = memoryview(b"".join(orjson.dumps(_row(one)) + b"\n" for one in new))
            while rest:
                rest = rest[there.write(rest) :]
            os.fsync(there.fileno())
        except OSError as problem:
            there.truncate(len(whole))
            raise ResponseFailed(
                f"responses cannot be written: {problem.strerror}", str(path), "room on the disk"
            ) from None
    return len(new)


def undoing(row: Response, why: str, now: float) -> Response:
    """The row that takes another back."""
    return Response(
        f"{row.key}:undo", row.account_id, "undo", why, now, row.expires_at, "the same response again, by a new case",
        row.appeal, row.case, undoes=row.key,
    )  # fmt: skip


def _rows(data: bytes, path: Path) -> list[Response]:
    whole = data[: data.rfind(b"\n") + 1]
    try:
        return [_response(orjson.loads(line)) for line in whole.splitlines() if line.strip()]
    except (ValueError, KeyError, TypeError) as problem:
        raise BadConfiguration(
            f"responses not readable: {problem}", str(path), "what stillwatch verify wrote there", "a file of its own"
        ) from None


def _row(one: Response) -> dict[str, Any]:
    row = {"schema_version": 1, **asdict(one)}
    for name in ("since", "expires_at"):
        row[name] = datetime.fromtimestamp(row[name], UTC).isoformat().replace("+00:00", "Z")
    return {name: value for name, value in row.items() if value not in ("", ())}


def _response(row: dict[str, Any]) -> Response:
    times = {name: datetime.fromisoformat(row[name]).timestamp() for name in ("since", "expires_at")}
    said = {name: row[name] for name in Response.__dataclass_fields__ if name in row and name not in times}
    said["details"] = tuple(said.get("details", ()))
    return Response(**{"undo": "", "appeal": "", "why": "", **said, **times})
