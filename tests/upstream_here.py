"""A model's server on the loopback, for tests of what stands in front of one: answers as OpenAI's and Anthropic's APIs do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import uvicorn

WORDS = ["The", " answer", " is", " 42", "."]
_TOOL = {"name": "weather", "arguments": '{"city": "Oslo"}'}
SIGNATURE = "c2lnbmVk"  # of reasoning
JSON = [(b"content-type", b"application/json")]
EVENTS = [(b"content-type", b"text/event-stream; charset=utf-8")]


class Upstream:
    """Remembers what it was asked. `pace` seconds lie between the pieces of a stream."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []  # path, headers and body of each request
        self.pace = 0.0
        self.thinks = 0.0  # seconds before it answers anything
        self.words = list(WORDS)
        self.output_tokens = 5
        self.fails = False  # every request
        self.breaks_off_after = 0  # events of a stream; 0: never
        self.reasoning = ""  # of each answer, before its text
        self.hung_up = 0  # clients that were gone before the end

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.asked.append(
            {"path": scope["path"], "headers": dict(scope["headers"]), "raw": body, "query": scope["query_string"]}
        )
        path = scope["path"]
        if not path.endswith(("completions", "messages")):
            status = 404 if path.endswith("/missing") else 200
            await _whole(send, status, orjson.dumps({"path": path, "bytes": len(body)}))
            return
        asked = orjson.loads(body)
        self.asked[-1]["body"] = asked
        await asyncio.sleep(self.thinks)
        if self.fails or asked.get("model") == "broken":
            await _whole(send, 500, b'{"error": {"message": "out of memory", "type": "server_error"}}')
        elif asked.get("stream"):
            await self._stream(receive, send, self._events(asked, path))
        else:
            await _whole(send, 200, orjson.dumps(self._answer(asked, path)))

    async def _stream(self, receive: Any, send: Any, events: Iterator[bytes]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": EVENTS})
        gone = asyncio.ensure_future(receive())
        for number, event in enumerate(events):
            if self.breaks_off_after and number == self.breaks_off_after:
                raise ConnectionError("the model's server is gone")
            if gone.done():
                self.hung_up += 1
                return
            await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.sleep(self.pace)
        gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _tokens(self, asked: dict[str, Any]) -> int:
        """Of the answer, which is no longer than was asked for."""
        limits = [asked[name] for name in ("max_tokens", "max_completion_tokens") if asked.get(name)]
        return min([self.output_tokens, *limits])

    def _answer(self, asked: dict[str, Any], path: str) -> dict[str, Any]:
        text = "".join(self.words)
        if path.endswith("messages"):
            thinking = {"type": "thinking", "thinking": self.reasoning, "signature": SIGNATURE}
            content: list[dict[str, Any]] = [*([thinking] if self.reasoning else []), {"type": "text", "text": text}]
            if asked.get("tools"):
                content.append({"type": "tool_use", "id": "t1", "name": _TOOL["name"], "input": {"city": "Oslo"}})
            return {"id": "m", "type": "message", "role": "assistant", "model": asked["model"], "content": content,
                    "stop_reason": "end_turn", "stop_sequence": None,
                    "usage": {"input_tokens": 7, "output_tokens": self._tokens(asked)}}  # fmt: skip
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if self.reasoning:
            message["reasoning_content"] = self.reasoning
        if asked.get("tools"):
            message["tool_calls"] = [{"id": "t1", "type": "function", "function": _TOOL}]
        output = self._tokens(asked)
        usage = {"prompt_tokens": 7, "completion_tokens": output, "total_tokens": 7 + output}
        return {"id": "c", "object": "chat.completion", "created": 1, "model": asked["model"], "usage": usage,
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip

    def _events(self, asked: dict[str, Any], path: str) -> Iterator[bytes]:
        if path.endswith("messages"):
            yield from self._of_messages(asked)
            return
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}
        for word in self.reasoning.split():
            delta = {"reasoning_content": f"{word} "}
            yield _data({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        for word in self.words:
            yield _data({**chunk, "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
        if asked.get("tools"):
            call = {"index": 0, "id": "t1", "type": "function", "function": _TOOL}
            yield _data({**chunk, "choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]})
        yield _data({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if (asked.get("stream_options") or {}).get("include_usage"):
            usage = {
                "prompt_tokens": 7,
                "completion_tokens": self.output_tokens,
                "total_tokens": 7 + self.output_tokens,
            }
            yield _data({**chunk, "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"

    def _of_messages(self, asked: dict[str, Any]) -> Iterator[bytes]:
        start = {"id": "m", "type": "message", "role": "assistant", "model": asked["model"], "content": [],
                 "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 7, "output_tokens": 1}}  # fmt: skip
        yield _event({"type": "message_start", "message": start})
        blocks = [({"type": "text", "text": ""}, [{"type": "text_delta", "text": word} for word in self.words])]
        if self.reasoning:
            deltas = [{"type": "thinking_delta", "thinking": f"{word} "} for word in self.reasoning.split()]
            deltas.append({"type": "signature_delta", "signature": SIGNATURE})
            blocks.insert(0, ({"type": "thinking", "thinking": "", "signature": ""}, deltas))
        for index, (block, pieces) in enumerate(blocks):
            yield _event({"type": "content_block_start", "index": index, "content_block": block})
            for delta in pieces:
                yield _event({"type": "content_block_delta", "index": index, "delta": delta})
            yield _event({"type": "content_block_stop", "index": index})
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        yield _event({"type": "message_delta", "delta": end, "usage": {"output_tokens": self._tokens(asked)}})
        yield _event({"type": "message_stop"})


def _data(document: Any) -> bytes:
    return b"data: " + orjson.dumps(document) + b"\n\n"


def _event(document: Any) -> bytes:
    return b"event: " + document["type"].encode() + b"\n" + _data(document)


async def _whole(send: Any, status: int, body: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*JSON, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of an ASGI app while it is served on a free port of the loopback."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", lifespan="auto", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server has ended before it began")
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
