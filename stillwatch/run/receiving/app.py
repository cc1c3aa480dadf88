"""The ASGI application that takes OTLP over HTTP: POST /v1/traces and /v1/logs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stillwatch.config import Config
from stillwatch.run.receiving.answers import JSON, PROTOBUF, Answer, accepted, later, refused
from stillwatch.run.receiving.body import TooLarge, Unreadable, unpacked
from stillwatch.run.receiving.commits import Commits
from stillwatch.run.receiving.files import ReceivedFiles
from stillwatch.run.receiving.lines import SIGNALS, Lines, Signal, lines

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_MOST_HELD = 256 << 20  # bytes of requests under way, all together; those that come then are told to wait
_BODY_SECONDS = 30  # for a body to arrive: the time after which senders give up by themselves is ten


class Otlp:
    """One request at a time is taken apart, in a thread: more would only share the interpreter, and add up in memory."""

    def __init__(self, files: ReceivedFiles, config: Config) -> None:
        self._files = files
        self._most = config.watch.max_request_mib << 20
        self._longest = config.reading.max_line_bytes
        self._commits = Commits(files.write)
        self._thread = ThreadPoolExecutor(1, "otlp-lines")
        self._held = 0
        self.answered: Counter[int] = Counter()  # requests by status

    def close(self) -> None:
        self._thread.shutdown()
        self._commits.close()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        answer = self._turned_away(scope, headers, media_type) or await self._taken(
            SIGNALS[scope["path"]], headers, media_type == JSON, receive
        )
        self.answered[answer.status] += 1
        shown = media_type if media_type in (PROTOBUF, JSON) else JSON
        body = answer.body(shown)
        fixed = [(b"content-type", shown.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": [*fixed, *answer.headers]})
        await send({"type": "http.response.body", "body": body})

    def _turned_away(self, scope: dict[str, Any], headers: Mapping[str, str], media_type: str) -> Answer | None:
        """What can be said before the body is read."""
        if scope["path"] not in SIGNALS:
            return refused(404, f"only {' and '.join(SIGNALS)} are taken")
        if scope["method"] != "POST":
            return refused(405, "only POST is taken", (b"allow", b"POST"))
        if media_type not in (PROTOBUF, JSON):
            return refused(415, f"the media type must be {PROTOBUF} or {JSON}")
        if _packing(headers) not in ("identity", "gzip"):
            return refused(415, "the content encoding must be gzip, or none")
        if int(headers.get("content-length", 0)) > self._most:
            return refused(413, f"more than {self._most} bytes")
        if reason := self._files.refusal():
            return later(reason)
        return None

    async def _taken(self, signal: Signal, headers: Mapping[str, str], json: bool, receive: Receive) -> Answer:
        body = bytearray()
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                async for part in _parts(receive):
                    body += part
                    self._held += len(part)
                    if len(body) > self._most:
                        return refused(413, f"more than {self._most} bytes")
                    if self._held > _MOST_HELD:
                        return later("too many requests at once")
            gzip = _packing(headers) == "gzip"
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._thread, self._lines, bytes(body), gzip, json, signal)
            if found.text:
                await self._commits.add(found.text)
        except TooLarge as problem:
            return refused(413, str(problem))
        except (Unreadable, _Cut) as problem:
            return refused(400, str(problem))
        except TimeoutError:
            return refused(408, f"the body took longer than {_BODY_SECONDS} seconds")
        except OSError as problem:
            return later(f"could not be written: {problem.strerror}")
        finally:
            self._held -= len(body)
        return accepted(signal, found.too_long, self._longest)

    def _lines(self, body: bytes, gzip: bool, json: bool, signal: Signal) -> Lines:
        return lines(unpacked(body, self._most) if gzip else body, json, signal, self._longest)


class _Cut(Exception):
    """The sender went away in the middle; nobody reads the answer."""


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Cut("the body ended too early")
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _packing(headers: Mapping[str, str]) -> str:
    return headers.get("content-encoding", "identity").strip().lower()
