"""The guard as a layer in front of an ASGI app, such as vLLM's server (`--middleware stillwatch.guard.asgi.Guarded`).

A pure ASGI class: what the app sends goes through message by message, nothing is buffered. Servers make such a layer with the
app alone; it then sets itself up from the environment (guard/setup.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from stillwatch.guard import answers, incoming
from stillwatch.guard.answers import Answer
from stillwatch.guard.gate import GO_ON, Gate, Passage
from stillwatch.guard.incoming import Receive, Scope, Send, say
from stillwatch.guard.requests import OTHER, VERSION, api_of
from stillwatch.guard.setup import Standing, from_environment

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guarded:
    """An ASGI app around another."""

    def __init__(self, app: App, gate: Gate | None = None) -> None:
        self.app = app
        self._gate = gate
        self._standing: Standing | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if api_of(scope["path"]) == OTHER:
            return await self._other(scope, receive, send)
        gate = self._gate or self._set_up()
        came = await incoming.received(scope, receive, send, gate.limits)
        if came is None:
            return None
        passage = await gate.enter(came)
        if isinstance(passage, Answer):
            return await say(send, passage)
        try:
            await self.app(_with_body(scope, passage), _replayed(passage.body, receive), _counted(passage, send))
        finally:
            gate.leave(passage)
        return None

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What no model answers, for whoever may be answered."""
        if VERSION in scope["path"]:
            refused = await (self._gate or self._set_up()).decided(incoming.unread(scope))
            if refused is not GO_ON:
                return await say(send, refused, close=True)
        return await self.app(scope, receive, send)

    def _set_up(self) -> Gate:
        """At the first request: until then there is no event loop to belong to."""
        self._standing = from_environment()
        self._gate = self._standing.gate
        return self._gate


def _with_body(scope: Scope, passage: Passage) -> Scope:
    """The scope with the length of the body as it is now."""
    if passage.body is passage.incoming.body:
        return scope
    length = (b"content-length", str(len(passage.body)).encode())
    headers = [one for one in scope["headers"] if one[0] not in (b"content-length", b"transfer-encoding")]
    return {**scope, "headers": [*headers, length]}


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, then what comes from the client: that it hung up."""
    given = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(passage: Passage, send: Send) -> Send:
    """Passes on what the app sends, and counts it."""

    async def count(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            await send(_begun(passage, message))
            return
        if message["type"] == "http.response.body":
            piece = passage.feed(message.get("body", b""))
            if not message.get("more_body"):
                piece += passage.rest()
            if not piece and message.get("more_body"):
                return  # the chunk that only we had asked for
            message = {**message, "body": piece}
        await send(message)

    return count


def _begun(passage: Passage, message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    headers = [(name.lower(), value) for name, value in message.get("headers", ())]
    named = dict(headers)
    passage.begins(message["status"], named.get(b"content-type", b""), named.get(b"content-encoding", b"") != b"")
    if passage.hide_usage:
        headers = [one for one in headers if one[0] != b"content-length"]
    if passage.decision.id:
        headers.append((answers.DECISION_HEADER.encode(), passage.decision.id.encode()))
    return {**message, "headers": headers}
