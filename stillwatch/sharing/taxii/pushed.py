"""Objects sent to a partner's collection, a part at a time, until the server says what became of each.

Sent again, the same objects of the same version are the same to a server (5.5), so an attempt that was cut short is repeated.
A server that calls it a failure is asked whether it has them: medallion 3.0.0 says so of all that it has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from stillwatch.errors import ResponseFailed
from stillwatch.sharing.taxii.asking import Answered, Asking, plain
from stillwatch.sharing.taxii.remote import Remote

MOST_OBJECTS = 500  # of a post: what our own server adds before it answers
MOST_POST_BYTES = 8 << 20
WAITS = 600.0  # seconds for a server that answers "pending"
_ASKS_EACH = 2.0  # seconds
_ENVELOPE_BYTES = len(b'{"objects":[]}')
_SHOWN = 300  # characters of a reason that are told


@dataclass(frozen=True)
class Pushed:
    success: int
    failures: tuple[str, ...]  # what is not there, with the server's reason, each on one line


async def push(asking: Asking, remote: Remote, objects: Sequence[dict[str, Any]]) -> Pushed:
    """All parts, also after one of which something was not taken. ResponseFailed where the server answers with no status."""
    failures: list[str] = []
    for part in _parts(objects, min(remote.most_bytes, MOST_POST_BYTES)):
        answer = await asking.post(remote.objects, orjson.dumps({"objects": part}))
        failures += await _missing(asking, remote, part, (await _done(asking, remote, answer)).said)
    return Pushed(len(objects) - len(failures), tuple(failures))


async def _done(asking: Asking, remote: Remote, answer: Answered) -> Answered:
    until = time.monotonic() + WAITS
    while answer.said.get("status") == "pending":
        identifier = answer.said.get("id")
        if not isinstance(identifier, str) or time.monotonic() > until:
            raise ResponseFailed(
                f"the server has not ended in {WAITS:.0f} seconds",
                remote.status(str(identifier)),
                "",
                "the same again later: what is there is there",
            )
        await asyncio.sleep(_ASKS_EACH)
        answer = await asking.get(remote.status(identifier))
    return answer


async def _missing(asking: Asking, remote: Remote, part: list[dict[str, Any]], status: dict[str, Any]) -> list[str]:
    """What of a part is not there. What a server neither took nor named is missing as well."""
    success = status.get("success_count")
    if status.get("status") != "complete" or isinstance(success, bool) or not isinstance(success, int):
        raise ResponseFailed(
            "the server gave no status that can be read", remote.objects, "a status resource of TAXII 2.1"
        )
    listed = status.get("failures")
    named = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    missing = [_told(one) for one in named if not await _there(asking, remote, part, one.get("id"))]
    return missing + ["one that the server does not name"] * (len(part) - success - len(named))


async def _there(asking: Asking, remote: Remote, part: list[dict[str, Any]], name: Any) -> bool:
    """Whether the server has that object in that version already."""
    one = next((one for one in part if one["id"] == name), None)
    if one is None:
        return False
    try:
        found = await asking.get(f"{remote.objects}{quote(one['id'])}/", {"match[version]": "all"})
    except ResponseFailed:
        return False
    there = found.said.get("objects")
    versions = [_version(other) for other in there if isinstance(other, dict)] if isinstance(there, list) else []
    return _version(one) in versions


def _version(one: dict[str, Any]) -> Any:
    return one.get("modified", one.get("created"))


def _told(one: dict[str, Any]) -> str:
    """A server's text is not ours: no control characters on a terminal."""
    text = f"{one.get('id', 'one without an id')} {one.get('message', '')}".strip()
    return plain(text[:_SHOWN])


def _parts(ones: Sequence[dict[str, Any]], most_bytes: int) -> Iterator[list[dict[str, Any]]]:
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
    if part:
        yield part
