"""The guard as a layer in front of an ASGI app, such as vLLM's server (`--middleware stillwatch.guard.asgi.Guarded`).

A pure ASGI class: what the app sends goes through message by message, nothing is buffered. Servers make such a layer with the
app alone; it then sets itself up from the environment (guard/setup.py). It stands around vLLM's own check of API keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

from stillwatch.errors import StillwatchError
from stillwatch.guard import answers, incoming
from stillwatch.guard.answers import Answer
from stillwatch.guard.gate import GO_ON, Gate, Passage
from stillwatch.guard.incoming import Receive, Scope, Send, say
from stillwatch.guard.paths import Way, way
from stillwatch.guard.setup import Standing, from_environment

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guarded:
    """An ASGI app around another. `passes` are paths beside those of guard/paths.py that go through unread."""

    def __init__(self, app: App, gate: Gate | None = None, passes: Collection[str] = ()) -> None:
        self.app = app
        self._gate = gate
        self._passes = passes
        self._standing: Standing | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(scope, receive, send)
        if scope.get("method") == "OPTIONS":  # a browser asks whether it may, and has no key with it
            return await self.app(scope, receive, send)
        gate = self._gate or self._set_up()
        match way(scope["path"].removeprefix(scope.get("root_path", "")), self._passes):
            case Way.FREE:
                return await self.app(scope, receive, send)
            case Way.CLOSED:
                return await _refuse(scope, send, answers.not_passed_on())
            case Way.READ if scope["type"] == "http":
                return await self._read(gate, scope, receive, send)
        refused = await gate.decided(incoming.unread(scope))
        if refused is not GO_ON:
            return await _refuse(scope, send, refused)
        return await self.app(scope, receive, send)

    async def _read(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
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

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set up as the server starts, which a mistake in a file ends there and then; the log is written as it ends."""
        try:
            self._set_up()
        except StillwatchError as problem:
            await receive()
            return await send({"type": "lifespan.startup.failed", "message": str(problem)})

        async def tell(message: MutableMapping[str, Any]) -> None:
            if message["type"].startswith("lifespan.shutdown") and self._standing is not None:
                await self._standing.close()
            await send(message)

        return await self.app(scope, receive, tell)

    def _set_up(self) -> Gate:
        """On the event loop it belongs to: with the server's start, or the first request where a server tells of none."""
        if self._gate is None:
            self._standing = from_environment()
            self._gate, self._passes = self._standing.gate, self._standing.passes
        return self._gate


async def _refuse(scope: Scope, send: Send, answer: Answer) -> None:
    """An answer in place of the app's, of whose body or messages nothing is waited for."""
    if scope["type"] == "http":
        return await say(send, answer, close=True)
    if "websocket.http.response" not in scope.get("extensions", {}):
        return await send({"type": "websocket.close", "code": 1008, "reason": "not for you"})

    async def instead(message: MutableMapping[str, Any]) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return await say(instead, answer)


def _with_body(scope: Scope, passage: Passage) -> Scope:
    """The scope with the length of the body as it is now, and for an answer that can be edited if it is to be."""
    if passage.body is passage.incoming.body and not passage.decision.reasoning:
        return scope
    gone = (b"content-length", b"transfer-encoding", *([b"accept-encoding"] if passage.decision.reasoning else ()))
    length = (b"content-length", str(len(passage.body)).encode())
    return {**scope, "headers": [*(one for one in scope["headers"] if one[0] not in gone), length]}


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
            if passage.waits:
                async for passed in passage.filled(piece):
                    await send({**message, "body": passed, "more_body": True})
                piece = b""
            if not piece and message.get("more_body"):
                return  # the chunk that only we had asked for
            message = {**message, "body": piece}
        await send(message)

    return count


def _begun(passage: Passage, message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    headers = [(name.lower(), value) for name, value in message.get("headers", ())]
    named = dict(headers)
    passage.begins(message["status"], named.get(b"content-type", b""), named.get(b"content-encoding", b"") != b"")
    if passage.edits:
        headers = [one for one in headers if one[0] != b"content-length"]
    if passage.decision.id:
        headers.append((answers.DECISION_HEADER.encode(), passage.decision.id.encode()))
    return {**message, "headers": headers}
