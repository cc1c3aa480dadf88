"""A request as an ASGI server hands it over: its body read whole, within limits of length and of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from stillwatch.config import Guard as Limits
from stillwatch.guard import answers
from stillwatch.guard.answers import Answer
from stillwatch.guard.gate import Incoming
from stillwatch.guard.identity import CREDENTIALS
from stillwatch.guard.requests import api_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TooLarge(Exception):
    """A body beyond the limit."""


class TooSlow(Exception):
    """A body that has not come in time."""


class Gone(Exception):
    """The client hung up."""


async def received(scope: Scope, receive: Receive, send: Send, limits: Limits) -> Incoming | None:
    """The request; None when there is none, and whoever is still there was told why."""
    api = api_of(scope["path"])
    try:
        return await read(scope, receive, limits)
    except TooLarge:
        await say(send, answers.too_large(api, _most_bytes(limits)), close=True)
    except TooSlow:
        await say(send, answers.too_slow(api), close=True)
    except Gone:
        pass
    return None


def unread(scope: Scope) -> Incoming:
    """The request without its body, which may be of any length and is nobody's business."""
    return Incoming(scope["path"], _headers(scope), b"", address(scope), time.time())


async def read(scope: Scope, receive: Receive, limits: Limits) -> Incoming:
    """The request, its body with it. TooLarge, TooSlow or Gone if there will be none."""
    most_bytes = _most_bytes(limits)
    headers = _headers(scope)
    if _whole(headers.get(b"content-length")) > most_bytes:
        raise TooLarge
    message = await receive()
    body = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise Gone
    if message.get("more_body"):
        try:
            async with asyncio.timeout(limits.body_seconds):
                body = await _rest(body, receive, most_bytes)
        except TimeoutError:
            raise TooSlow from None
    if len(body) > most_bytes:
        raise TooLarge
    return Incoming(scope["path"], headers, body, address(scope), time.time())


async def _rest(first: bytes, receive: Receive, most_bytes: int) -> bytes:
    pieces, size, more = [first], len(first), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most_bytes:
            raise TooLarge
        more = message.get("more_body", False)
    return b"".join(pieces)


async def say(send: Send, answer: Answer, close: bool = False) -> None:
    """An answer of our own; `close` where the rest of a body is not waited for."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def address(scope: Scope) -> str:
    """Of the client. Servers take it from X-Forwarded-For where they are told whom to trust (uvicorn: forwarded-allow-ips)."""
    client = scope.get("client")
    return client[0] if client else ""


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """By name. Of those sent twice the last, which a gateway may have added; of keys the first, which servers take."""
    found = dict(scope["headers"])
    if len(found) != len(scope["headers"]):
        found.update((name, value) for name, value in reversed(scope["headers"]) if name in CREDENTIALS)
    return found


def _most_bytes(limits: Limits) -> int:
    return limits.max_body_mib << 20


def _whole(text: bytes | None) -> int:
    return int(text) if text and text.isdigit() else 0
