"""Reasoning that a rule hides, as the official clients see it through a proxy and through a layer."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson
import pytest
from guard_files import acting, files
from reasoning_here import item, reasoned, spoken, stream
from upstream_here import EVENTS, JSON, SIGNATURE, WORDS, served

from stillwatch.guard.asgi import Guarded
from stillwatch.guard.reasoning.reordered import reordered
from stillwatch.guard.reasoning.summary import extracted

TEXT = "".join(WORDS)
SECRET = "I take two. Wait, no. It is three of them."
ASKED: list[Any] = [{"role": "user", "content": "What is the answer?"}]
TOOLS: list[Any] = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
REASONING = "First, I look at it. " + "Then this, and that, and more of it. " * 40 + "So it is 42."
SUMMARY = extracted(REASONING)
REORDERED = reordered(REASONING)


@pytest.mark.parametrize(("mode", "told"), [("none", ""), ("summary", SUMMARY), ("reordered", REORDERED)])
def test_official_clients_see_what_is_shown(place: Any, mode: str, told: str) -> None:
    placed = place(acting(do={"reasoning": {"shown": mode}}))
    placed.upstream.reasoning = REASONING
    for key, shown in (("sk-campaign", told), ("sk-honest", REASONING)):
        chat = placed.openai(key).chat.completions
        answer = chat.create(model="m", messages=ASKED, tools=TOOLS, logprobs=True)
        message = answer.choices[0].message
        assert (message.content, message.reasoning_content, answer.usage.completion_tokens) == (TEXT, shown, 5)
        assert message.tool_calls[0].function.name == "weather"
        events = list(chat.create(model="m", messages=ASKED, tools=TOOLS, stream=True))
        deltas = [one.choices[0].delta for one in events]
        assert "".join(one.content or "" for one in deltas) == TEXT and any(one.tool_calls for one in deltas)
        assert "".join(getattr(one, "reasoning_content", "") for one in deltas).strip() == shown

        messages = placed.anthropic(key).messages
        thinking, text = messages.create(model="m", max_tokens=99, messages=ASKED).content
        assert (thinking.thinking, thinking.signature, text.text) == (shown, SIGNATURE, TEXT)
        with messages.stream(model="m", max_tokens=99, messages=ASKED) as stream:
            final = stream.get_final_message()
        assert [one.type for one in final.content] == ["thinking", "text"] and final.usage.output_tokens == 5
        assert (final.content[0].thinking.strip(), final.content[0].signature) == (shown, SIGNATURE)
        assert final.content[1].text == TEXT
    asked = [one["body"] for one in placed.upstream.asked if "logprobs" in one["body"]]
    assert len(asked) == 1, "the honest one's alone: probabilities would spell it out"


async def responding(scope: Any, receive: Any, send: Any) -> None:
    """An app that answers Responses, compressed for whoever takes that, and for who insists in any case."""
    if scope["type"] != "http":
        return
    asked = orjson.loads((await receive())["body"])
    headers = dict(scope["headers"])
    if asked.get("stream"):
        body, kind = RESPONSES, EVENTS
    else:
        body, kind = orjson.dumps({"id": "x", "object": "response", "output": OUTPUT}), JSON
    if b"gzip" in headers.get(b"accept-encoding", b"") or b"x-insists" in headers:
        body, kind = gzip.compress(body), [*kind, (b"content-encoding", b"gzip")]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*kind, length]})
    await send({"type": "http.response.body", "body": body})


OUTPUT = [reasoned([], [SECRET]), {**spoken("42"), "role": "assistant", "status": "completed"}]
_BARE = {"id": "x", "object": "response", "created_at": 1, "model": "m", "status": "in_progress", "tools": []}
_PART = {"type": "output_text", "text": "", "annotations": []}
_OF = {"item_id": "a", "output_index": 1, "content_index": 0}
RESPONSES = stream(
    {"type": "response.created", "sequence_number": 0, "response": {**_BARE, "output": []}},
    {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": reasoned([], [])},
    *(item("reasoning_text.delta", 2 + place, content_index=0, delta=one) for place, one in enumerate(SECRET.split(". "))),
    item("reasoning_text.done", 7, content_index=0, text=SECRET),
    {"type": "response.output_item.done", "sequence_number": 8, "output_index": 0, "item": OUTPUT[0]},
    {"type": "response.output_item.added", "sequence_number": 9, "output_index": 1, "item": {**OUTPUT[1], "content": []}},
    {"type": "response.content_part.added", "sequence_number": 10, **_OF, "part": _PART},
    {"type": "response.output_text.delta", "sequence_number": 11, **_OF, "delta": "42", "logprobs": []},
    {"type": "response.output_item.done", "sequence_number": 12, "output_index": 1, "item": OUTPUT[1]},
    {"type": "response.completed", "sequence_number": 13, "response": {**_BARE, "status": "completed", "output": OUTPUT}},
    named=True,
)  # fmt: skip


@pytest.fixture(params=["none", "reordered"])
def layer(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """A layer with a rule in front of that app."""
    files(tmp_path, acting(do={"reasoning": {"shown": request.param}}))
    for name, file in {"policy": "policy.yaml", "result": "out", "keys": "keys.jsonl"}.items():
        monkeypatch.setenv(f"STILLWATCH_GUARD_{name.upper()}", str(tmp_path / file))
    return Guarded(responding)


def test_responses_keep_their_items_and_are_not_compressed(layer: Guarded, request: Any) -> None:
    shows = {"none": [], "reordered": [reordered(SECRET)]}[request.node.callspec.params["layer"]]
    with served(layer) as address:
        for key, left in (("sk-campaign", shows), ("sk-honest", [SECRET])):
            client = openai.OpenAI(api_key=key, base_url=f"{address}/v1", max_retries=0)
            whole = client.responses.create(model="m", input="?")
            with client.responses.stream(model="m", input="?") as events:
                kinds = [one.type for one in events]
                streamed = events.get_final_response()
            for answer in (whole, streamed):
                assert [one.text for one in answer.output[0].content] == left and answer.output_text == "42"
            assert ("response.reasoning_text.delta" in kinds) is bool(left)
            assert kinds.count("response.output_item.done") == 2


def test_what_is_compressed_in_any_case_passes_and_is_counted(layer: Guarded) -> None:
    asked = {"json": {"model": "m", "input": "?"}, "headers": {"authorization": "Bearer sk-campaign", "x-insists": "1"}}

    async def passes() -> None:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(layer), base_url="http://guard") as client:
            answer = await client.post("/v1/responses", **asked)
        assert answer.json()["output"] == OUTPUT
        gate = layer._set_up()
        assert gate.guard.counts["failed: Encoded"] == 1
        await gate.close()

    asyncio.run(passes())
