"""A bundle's objects sent to a partner's collection, a part at a time, until the server says what became of them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import ResponseFailed, UnknownFormat
from stillwatch.sharing.taxii.asking import Answered, Asking
from stillwatch.sharing.taxii.remote import Remote

MOST_FILE_BYTES = 256 << 20
MOST_OBJECTS = 500  # of a post: what our own server adds before it answers
MOST_POST_BYTES = 8 << 20
WAITS = 600.0  # seconds for a server that answers "pending"
_ASKS_EACH = 2.0  # seconds
_ENVELOPE_BYTES = len(b'{"objects":[]}')


@dataclass(frozen=True)
class Bundle:
    digest: str  # SHA-256 of the file
    objects: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Pushed:
    success: int
    failures: tuple[dict[str, str], ...]  # id, version and message, as the server told them


def bundle(path: Path) -> Bundle:
    """UnknownFormat where the file is no STIX bundle."""
    form = f"a STIX 2.1 bundle of {MOST_FILE_BYTES >> 20} MiB at most"
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_FILE_BYTES + 1)
        found = orjson.loads(raw) if len(raw) <= MOST_FILE_BYTES else None
    except (OSError, orjson.JSONDecodeError) as problem:
        raise UnknownFormat(f"the bundle cannot be read: {problem}", str(path), form) from None
    ones = found.get("objects") if isinstance(found, dict) and found.get("type") == "bundle" else None
    if not isinstance(ones, list) or not ones or not all(isinstance(one, dict) for one in ones):
        raise UnknownFormat("no bundle with objects in it", str(path), form)
    return Bundle(hashlib.sha256(raw).hexdigest(), tuple(ones))


async def push(asking: Asking, remote: Remote, whole: Bundle, notes: Callable[[dict[str, Any]], None]) -> Pushed:
    """`notes` is told of each part before it leaves, and what came of it. ResponseFailed; sending again is harmless (5.5)."""
    success, failures = 0, []
    for part in _parts(whole.objects, min(remote.most_bytes, MOST_POST_BYTES)):
        told = {"to": remote.objects, "bundle": whole.digest, "ids": [str(one.get("id", "")) for one in part]}
        notes({"did": "sends", **told})
        answer = await asking.post(remote.objects, orjson.dumps({"objects": part}))
        status = (await _done(asking, remote, answer)).said
        failed = [one for one in status.get("failures", ()) if isinstance(one, dict)]
        counts = {name: _count(status, name, remote.objects) for name in ("success_count", "failure_count")}
        notes({"did": "sent", **told, "status": str(status.get("id", "")), **counts})
        success += counts["success_count"]
        failures += [{str(key): str(value) for key, value in one.items()} for one in failed]
        failures += [{"message": "not told which"}] * (counts["failure_count"] - len(failed))
    return Pushed(success, tuple(failures))


async def _done(asking: Asking, remote: Remote, answer: Answered) -> Answered:
    until = time.monotonic() + WAITS
    while answer.said.get("status") == "pending":
        identifier = answer.said.get("id")
        if not isinstance(identifier, str) or time.monotonic() > until:
            raise ResponseFailed(
                f"the server has not ended in {WAITS:.0f} seconds",
                remote.status(str(identifier)),
                "",
                "ask it there later",
            )
        await asyncio.sleep(_ASKS_EACH)
        answer = await asking.get(remote.status(identifier))
    return answer


def _parts(ones: tuple[dict[str, Any], ...], most_bytes: int) -> Iterator[list[dict[str, Any]]]:
    """In their order. An object that is larger than a post may be goes alone, and the server says so."""
    part: list[dict[str, Any]] = []
    size = _ENVELOPE_BYTES
    for one in ones:
        more = len(orjson.dumps(one)) + 1
        if part and (size + more > most_bytes or len(part) >= MOST_OBJECTS):
            yield part
            part, size = [], _ENVELOPE_BYTES
        part.append(one)
        size += more
    yield part


def _count(status: dict[str, Any], name: str, where: str) -> int:
    found = status.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise ResponseFailed("the server gave no status that can be read", where, "a status resource of TAXII 2.1")
    return found
