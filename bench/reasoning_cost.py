"""What it costs a guard to show less of the reasoning: for an event, for an answer, for a summary that is asked for.

    python -m bench.reasoning_cost

Times are of this process's processor, the least of several runs. The summariser is a server in a process of its own that
answers at once, so that what is counted is the guard's work alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from stillwatch.config import Reasoning
from stillwatch.guard.reasoning.awaited import Awaited
from stillwatch.guard.reasoning.endpoint import INSTEAD, Endpoint
from stillwatch.guard.reasoning.reordered import reordered
from stillwatch.guard.reasoning.shown import editor
from stillwatch.guard.reasoning.summary import extracted

RUNS = 7
EVENTS = 2_000  # of one stream, a word each: half of them reasoning
CALLS = 500
WAITING = 200  # answers that wait at once
_STEPS = (
    "First, I look at the number of apples in the basket, which is twelve. Then I take away three of them, as the question "
    "says, so that nine are left. Wait, I should check whether the basket was full. It was, so nine it is.\n\nSo the second "
    "step is to divide by three, e.g. by counting. That gives `x = 3` for each child.\n\n"
)


def main() -> None:
    stream = _stream()
    for shown in ("none", "summary", "reordered"):
        by = {"none": None, "summary": extracted, "reordered": reordered}[shown]
        print(f"an event, {shown}: {_least(lambda: _through(shown, stream, by)) / EVENTS * 1e6:.1f} µs")  # noqa: B023
    for characters in (8_192, 32_768, 262_144, 1_048_576):
        text = (_STEPS * (characters // len(_STEPS) + 1))[:characters]
        took = {one.__name__: _least(lambda: one(text)) * 1e3 for one in (reordered, extracted)}  # noqa: B023
        print(f"{characters:,} characters: " + ", ".join(f"{name} {took[name]:.1f} ms" for name in took))
    tracemalloc.start()
    reordered(text)
    print(f"memory at most while these are reordered: {tracemalloc.get_traced_memory()[1] / 2**20:.1f} MiB")
    tracemalloc.stop()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=_answering, args=(port,), daemon=True)
    server.start()
    asyncio.run(_asked(port))
    server.terminate()


def _stream() -> bytes:
    def event(delta: dict[str, str]) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
        document = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return b"data: " + orjson.dumps(document) + b"\n\n"

    words = (_STEPS * 99).split(" ")[: EVENTS // 2]
    return b"".join(event({"reasoning_content": f"{one} "}) for one in words) + event({"content": "word "}) * (
        EVENTS // 2
    )


def _through(shown: str, stream: bytes, by: Callable[[str], str] | None) -> None:
    edits = editor(shown, "chat", True, by)
    assert edits is not None
    for place in range(0, len(stream), 190):
        edits.feed(stream[place : place + 190])
    edits.rest()


def _least(work: Callable[[], Any]) -> float:
    """Seconds of the processor."""
    took = []
    for _ in range(RUNS):
        begun = time.process_time()
        work()
        took.append(time.process_time() - begun)
    return min(took)


def _answering(port: int) -> None:
    said = orjson.dumps(
        {"choices": [{"message": {"content": "It counts the apples, and divides what is left by three."}}]}
    )

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=said, content_type="application/json")

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/v1/chat/completions", answer)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


async def _asked(port: int) -> None:
    counts: Counter[str] = Counter()
    address = f"http://127.0.0.1:{port}/v1/chat/completions"
    asks = Endpoint(Reasoning(address, "m", summariser_seconds=60.0, most_at_once=WAITING), "", counts)
    text = (_STEPS * 99)[:32_000]

    async def one() -> None:
        awaited = Awaited(asks.summaries())
        edited = f'data: "{awaited.shown(text)}"\n\n'.encode()
        async for _ in awaited.filled(edited):
            pass

    while True:
        counts.clear()
        await one()
        if not counts[INSTEAD]:
            break
        await asyncio.sleep(0.1)
    took = []
    for _ in range(RUNS):
        begun = time.process_time()
        for _ in range(CALLS // RUNS):
            await one()
        took.append((time.process_time() - begun) / (CALLS // RUNS))
    print(
        f"a summary asked for, of {len(text):,} characters: {min(took) * 1e3:.2f} ms; {counts[INSTEAD]} extractive instead"
    )
    tracemalloc.start()
    await asyncio.gather(*(one() for _ in range(WAITING)))
    print(f"memory of an answer that waits: {tracemalloc.get_traced_memory()[1] / WAITING / 2**10:.0f} KiB")
    await asks.close()


if __name__ == "__main__":
    main()
