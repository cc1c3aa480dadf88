"""A request as an ASGI server hands it over, read whole within bounds, and what is answered to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
BODY_SECONDS = 10.0  # that a body may take to come; whoever sends webhooks gives up after 5
_MOST_FIELDS = 32  # of a query; an issuer of logins sends five, a TAXII client seven


class Gone(Exception):
    """The client hung up."""


@dataclass(frozen=True)
class Answer:
    """A status, and a document or a page with it."""

    status: int
    said: dict[str, Any] | str | bytes
    headers: tuple[tuple[str, str], ...] = ()
    type: str = "application/json"


class Stopped(Exception):
    """A request that is answered before anything is done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True)
class Incoming:
    """What came. Names of headers are in lower case; one that was sent twice has both values, as RFC 9110 joins them."""

    method: str
    path: tuple[str, ...]  # its parts, each decoded by itself: an id may have a slash in it
    headers: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)  # the last of each name; what was left empty is not in it
    pairs: tuple[tuple[str, str], ...] = ()  # the same query as it was written


Errors = Callable[..., Answer]  # as `error` below: how a service writes what is wrong


def error(status: int, code: str, message: str, *headers: tuple[str, str], **more: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message, **more}}, headers)


def begun(scope: Scope, error: Errors = error) -> Incoming:
    """The request without its body. Stopped with 400 where its query is none."""
    raw = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    try:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Stopped(error(400, "query", f"more than {_MOST_FIELDS} fields")) from None
    path = tuple(unquote(one.decode("latin-1")) for one in raw.split(b"/")[1:])
    return Incoming(scope["method"], path, headers, {key: value for key, value in pairs if value}, tuple(pairs))


async def body(
    came: Incoming, receive: Receive, most_bytes: int, seconds: float = BODY_SECONDS, error: Errors = error
) -> bytes:
    """Its body. Stopped with 413 or 408 where it is too long or too slow."""
    stated = came.headers.get("content-length", "")
    too_large = error(413, "too_large", f"more than {most_bytes} bytes", ("connection", "close"))
    if stated.isdigit() and len(stated) < 20 and int(stated) > most_bytes:
        raise Stopped(too_large)
    found = bytearray()
    try:
        async with asyncio.timeout(seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                found += message.get("body", b"")
                if len(found) > most_bytes:
                    raise Stopped(too_large)
                more = message.get("more_body", False)
    except TimeoutError:
        raise Stopped(error(408, "too_slow", f"{seconds:.0f} seconds are over", ("connection", "close"))) from None
    return bytes(found)


def document(text: bytes) -> dict[str, Any]:
    """A JSON object. Stopped with 400 where it is none."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Stopped(error(400, "no_json", "the body is not a JSON object"))
    return found


async def say(send: Send, answer: Answer) -> None:
    page = answer.said.encode() if isinstance(answer.said, str) else answer.said
    page = page if isinstance(page, bytes) else orjson.dumps(page)
    headers = (
        ("content-type", answer.type), ("content-length", str(len(page))), ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"), *answer.headers,
    )  # fmt: skip
    coded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": coded})
    await send({"type": "http.response.body", "body": page})
