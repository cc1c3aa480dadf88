"""A JSON answer from a server that we asked, read whole and within bounds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

_MOST_BYTES = 1 << 20  # of an answer: key sets and sessions have some kilobytes
_SHOWN = 200  # characters of a refusal that are told
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Unfetched(Exception):
    """No answer, a refusal, or one that is no JSON object. Its text is for a person, and holds no secret of ours."""


def guarded(address: str) -> str:
    """An address where nobody on the way reads along: https, or a server on this machine."""
    told = urlsplit(address)
    if told.scheme != "https" and not (told.scheme == "http" and told.hostname in _LOOPBACK):
        raise Unfetched(f"{told.scheme}://{told.hostname} is not https")
    return address


async def fetched(session: aiohttp.ClientSession, method: str, address: str, **sent: Any) -> dict[str, Any]:
    """The answer to one request, which follows no redirect: what we send may be secret."""
    try:
        async with session.request(method, guarded(address), allow_redirects=False, **sent) as answer:
            body = bytearray()
            async for part in answer.content.iter_any():
                body += part
                if len(body) > _MOST_BYTES:
                    raise Unfetched(f"answered more than {_MOST_BYTES} bytes")
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        raise Unfetched(str(problem) or "no answer in time") from None
    if not 200 <= status < 300:
        raise Unfetched(f"answered {status}: {bytes(body[:_SHOWN]).decode(errors='replace')}")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Unfetched("answered in a form that it does not document")
    return found
