"""Streams at a model's pace, and how late their pieces are read: a server and a client that cost next to nothing themselves.

    python -m bench.paced_streams PORT      # the server

Each piece holds the instant at which it was written. Pieces of all streams come at once, as from an engine that takes its
steps for a whole batch, or each at a moment of its own. Both ends are sockets with hardly any HTTP, because what an HTTP
library takes for sixteen pieces at once would hide what a proxy adds.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import selectors
import socket
import sys
import time
from urllib.parse import urlsplit

import uvloop

PIECES = 64  # of a stream
PACE = 0.01  # seconds between them: a hundred tokens a second, as the quicker models have
TOGETHER, APART = "together", "apart"  # when pieces of several streams come
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
_AT = re.compile(rb'"at:([\d.]+)')
_END = b"0\r\n\r\n"


def piece(content: str, finish: str | None = None) -> bytes:
    """One event of an OpenAI-style stream."""
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    said = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(said)}\n\n".encode()


class _Server(asyncio.Protocol):
    """Answers each request with a stream. One at a time on a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._came, self._tasks = transport, b"", set[asyncio.Task[None]]()

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if found and length and len(body) >= int(length[1]):
            self._came = b""
            task = asyncio.get_running_loop().create_task(
                self._stream(APART if f'"{APART}"'.encode() in body else TOGETHER)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def connection_lost(self, problem: Exception | None) -> None:
        for task in self._tasks:
            task.cancel()

    async def _stream(self, kind: str) -> None:
        write = self._transport.write  # type: ignore[attr-defined]
        begun = time.perf_counter()
        due = begun + random.uniform(0, PACE) if kind == APART else begun - begun % PACE
        before, after = piece("at:").split(b"at:")
        write(_HEAD)
        for _ in range(PIECES):
            due += PACE
            await asyncio.sleep(due - time.perf_counter())
            write(_chunk(before + f"at:{time.perf_counter():.7f}".encode() + after))
        write(_chunk(piece("", "stop") + b"data: [DONE]\n\n") + _END)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def lags(url: str, body: bytes, streams: int, seconds: float) -> list[float]:
    """Milliseconds from when each piece was written to when it was read, of so many streams that run at once."""
    parts = urlsplit(url)
    request = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer sk-1\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body
    waiting = selectors.DefaultSelector()
    read: list[tuple[float, bytes]] = []
    for _ in range(streams):
        line = socket.create_connection((parts.hostname or "", parts.port or 80))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(request)
        waiting.register(line, selectors.EVENT_READ)
    ends = time.perf_counter() + seconds
    while waiting.get_map():
        for key, _ in waiting.select():
            line = key.fileobj  # type: ignore[assignment]
            data = line.recv(1 << 16)
            read.append((time.perf_counter(), data))
            if not data.endswith(_END) and data:
                continue
            if data and read[-1][0] < ends:
                line.sendall(request)
                continue
            waiting.unregister(line)
            line.close()
    return [(at - float(written)) * 1e3 for at, data in read for written in _AT.findall(data)]


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
