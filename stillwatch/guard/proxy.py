"""A reverse proxy for APIs that speak as OpenAI's or Anthropic's do: what the model's server sends is passed on as it comes.

Answers are not taken apart: bytes go through in the pieces that arrive, several at once when a client is slow. Files, batches
and lists of models pass with bodies streamed both ways, for whoever may be answered. Paths outside /v1 do not: engines have
ways to a model there, and to their own insides, that no rule would see.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from stillwatch.guard import answers, incoming
from stillwatch.guard.answers import Answer
from stillwatch.guard.gate import GO_ON, Gate, Passage
from stillwatch.guard.incoming import Receive, Scope, Send, say
from stillwatch.guard.paths import Way, way
from stillwatch.guard.patience import Patience
from stillwatch.guard.requests import OTHER, VERSION, api_of

_HOP = frozenset({  # between two hosts only (RFC 9110, section 7.6.1), or worked out anew
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"host", b"content-length", b"expect",
})  # fmt: skip
_WATCHED_AFTER = 1.0  # seconds without an answer, after which it is looked whether the client is still there


class Proxy:
    """An ASGI app. Its connections are opened when the server starts, and closed when it ends."""

    def __init__(self, gate: Gate, upstream: str) -> None:
        self.gate = gate
        self._upstream = upstream.rstrip("/")
        self._session: ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008, "reason": "only HTTP is passed on"})
        elif api_of(scope["path"]) != OTHER:
            await self._guarded(scope, receive, send)
        elif VERSION in scope["path"] and way(scope["path"]) is Way.CARRIED:
            await self._carried(scope, receive, send)
        else:
            await say(send, answers.not_passed_on())

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._session = ClientSession(
                    connector=TCPConnector(limit=0, keepalive_timeout=30.0),
                    timeout=ClientTimeout(total=None, sock_connect=self.gate.limits.connect_seconds),
                    auto_decompress=False, cookie_jar=DummyCookieJar(),
                    skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
                )  # fmt: skip
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._session is not None:
                    await self._session.close()
                await self.gate.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        came = await incoming.received(scope, receive, send, self.gate.limits)
        if came is None:
            return None
        passage = await self.gate.enter(came)
        if isinstance(passage, Answer):
            return await say(send, passage)
        try:
            await self._passed_on(scope, receive, send, passage)
        finally:
            self.gate.leave(passage)
        return None

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send, passage: Passage) -> None:
        """Ask the model with the passage's body and send its answer; if the client hangs up, so does this."""
        asking = asyncio.current_task()
        assert asking is not None, "BUG: a request outside of a task"
        loop = asyncio.get_running_loop()
        watch: list[asyncio.Task[None]] = []

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            asking.cancel()

        later = loop.call_later(_WATCHED_AFTER, lambda: watch.append(loop.create_task(gone())))
        try:
            identity = (b"accept-encoding", b"identity")  # what is compressed cannot be counted
            headers = [one for one in scope["headers"] if one[0] != b"accept-encoding"] + [identity]
            await self._exchange(scope, send, headers, passage.body, passage)
        except asyncio.CancelledError:
            if not (watch and watch[0].done()):
                raise  # the server ends, and not the client
        finally:
            later.cancel()
            for task in watch:
                task.cancel()

    async def _carried(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request of which no body is read, such as a file or a batch, unless its sender may not be answered."""
        refused = await self.gate.decided(incoming.unread(scope))
        if refused is not GO_ON:
            return await say(send, refused, close=True)

        async def body() -> AsyncIterator[bytes]:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                yield message.get("body", b"")
                more = message.get("more_body", False)

        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        return await self._exchange(scope, send, scope["headers"], body() if has_body else b"", None)

    async def _exchange(
        self, scope: Scope, send: Send, headers: Sequence[tuple[bytes, bytes]], body: Any, passage: Passage | None
    ) -> None:
        assert self._session is not None, "BUG: a request before the server has started"
        api, begun, whole = api_of(scope["path"]), False, isinstance(body, bytes)
        try:
            async with Patience(self.gate.limits.quiet_seconds) as patience, self._session.request(
                scope["method"], self._url(scope), data=(body if whole else _heard(body, patience)) or None,
                headers=_forwarded(headers, whole), allow_redirects=False,
            ) as answer:  # fmt: skip
                patience.heard()
                if passage is not None:
                    kind = answer.headers.get("content-type", "").encode("latin-1")
                    passage.begins(
                        answer.status, kind, answer.headers.get("content-encoding", "identity") != "identity"
                    )
                begun = True
                await _send_on(send, answer, passage, patience)
        except (ClientError, TimeoutError) as problem:
            if begun:
                raise  # the server closes the connection, so that the client sees an answer that broke off
            await say(send, answers.upstream_away(api, isinstance(problem, TimeoutError)))

    def _url(self, scope: Scope) -> URL:
        path = scope.get("raw_path") or scope["path"].encode()
        query = scope["query_string"]
        return URL(
            self._upstream + path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else ""), encoded=True
        )


async def _heard(pieces: AsyncIterator[bytes], patience: Patience) -> AsyncIterator[bytes]:
    """Pieces of a body, which its sender may take any time over as long as they come."""
    async for piece in pieces:
        patience.heard()
        yield piece


async def _send_on(send: Send, answer: ClientResponse, passage: Passage | None, patience: Patience) -> None:
    """Head and body of an answer, in the pieces in which they come."""
    edits = passage is not None and passage.edits
    head = [
        (name.lower(), value)
        for name, value in answer.raw_headers
        if (low := name.lower()) not in _HOP or (low == b"content-length" and not edits)
    ]
    if passage is not None and passage.decision.id:
        head.append((answers.DECISION_HEADER.encode(), passage.decision.id.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": head})
    read, heard = answer.content.readany, patience.heard
    while piece := await read():
        heard()
        passed = piece if passage is None else passage.feed(piece)
        if edits and passage is not None and passage.waits:
            await _send_filled(send, passage, passed, patience)
        elif passed:
            await send({"type": "http.response.body", "body": passed, "more_body": True})
    passed = b"" if passage is None else passage.rest()
    if edits and passage is not None and passage.waits:
        await _send_filled(send, passage, passed, patience)
        passed = b""
    await send({"type": "http.response.body", "body": passed})


async def _send_filled(send: Send, passage: Passage, edited: bytes, patience: Patience) -> None:
    """What had to be waited for; the model's server waits as well, with what it sends meanwhile."""
    async for passed in passage.filled(edited):
        patience.heard()
        await send({"type": "http.response.body", "body": passed, "more_body": True})


def _forwarded(headers: Sequence[tuple[bytes, bytes]], whole: bool) -> list[tuple[str, str]]:
    """Headers of a request as they go on. Those that `Connection` names stay between the client and us."""
    named = {part.strip().lower() for name, value in headers if name == b"connection" for part in value.split(b",")}
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers
        if (name not in _HOP and name not in named) or (name == b"content-length" and not whole)
    ]
