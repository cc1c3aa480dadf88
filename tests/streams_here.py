"""Streams as servers send them, made of the clients' own types."""

from __future__ import annotations

from typing import Any

import orjson
from anthropic.types import (
    Message,
    MessageDeltaUsage,
    RawContentBlockDeltaEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    TextDelta,
)
from anthropic.types import Usage as AnthropicUsage
from anthropic.types.raw_message_delta_event import Delta
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta
from openai.types.completion_usage import CompletionTokensDetails, PromptTokensDetails
from pydantic import BaseModel

OPENAI_USAGE = CompletionUsage(
    prompt_tokens=20, completion_tokens=7, total_tokens=27,
    completion_tokens_details=CompletionTokensDetails(reasoning_tokens=3),
    prompt_tokens_details=PromptTokensDetails(cached_tokens=16),
)  # fmt: skip
RESPONSE_USAGE = {
    "input_tokens": 20, "output_tokens": 7, "total_tokens": 27, "input_tokens_details": {"cached_tokens": 16},
    "output_tokens_details": {"reasoning_tokens": 3},
}  # fmt: skip


def event(said: BaseModel | dict[str, Any], name: str = "", end: bytes = b"\n") -> bytes:
    """One event of a stream."""
    data = said.model_dump_json().encode() if isinstance(said, BaseModel) else orjson.dumps(said)
    return (b"event: " + name.encode() + end if name else b"") + b"data: " + data + end + end


def chunk(text: str | None = None, reason: Any = None, usage: CompletionUsage | None = None) -> ChatCompletionChunk:
    """One of OpenAI's chat; with usage and nothing else, the last."""
    choices = [Choice(delta=ChoiceDelta(content=text), index=0, finish_reason=reason)] if text is not None else []
    return ChatCompletionChunk(
        id="c-1", choices=choices, created=1_790_000_000, model="large", object="chat.completion.chunk", usage=usage
    )


def chat(*texts: str, usage: bool = True, end: bytes = b"\n") -> bytes:
    """A whole stream of OpenAI's chat."""
    parts = [event(chunk(text), end=end) for text in texts] + [event(chunk("", "stop"), end=end)]
    parts += [event(chunk(usage=OPENAI_USAGE), end=end)] if usage else []
    return b"".join(parts) + b"data: [DONE]" + end + end


def messages(*texts: str, whole: bool = True) -> bytes:
    """A stream of Anthropic's; not `whole`: broken off."""
    usage = AnthropicUsage(input_tokens=4, output_tokens=1, cache_read_input_tokens=16)
    message = Message(id="m-1", content=[], model="large", role="assistant", type="message", usage=usage)
    parts = [event(RawMessageStartEvent(message=message, type="message_start"), "message_start")]
    for text in texts:
        delta = TextDelta(text=text, type="text_delta")
        said = RawContentBlockDeltaEvent(delta=delta, index=0, type="content_block_delta")
        parts.append(event(said, "content_block_delta"))
    if whole:
        end = RawMessageDeltaEvent(
            delta=Delta(stop_reason="end_turn"), type="message_delta",
            usage=MessageDeltaUsage.model_validate({"output_tokens": 7, "output_tokens_details": {"thinking_tokens": 3}}),
        )  # fmt: skip
        parts += [event(end, "message_delta"), event({"type": "message_stop"}, "message_stop")]
    return b"".join(parts)


def responses(*texts: str, kind: str = "response.completed", **more: Any) -> bytes:
    """A stream of OpenAI's Responses, which repeats its text at the end."""
    begun = {"object": "response", "status": "in_progress", "usage": None, "error": None}
    parts = [event({"type": "response.created", "response": begun}, "response.created")]
    parts += [
        event({"type": "response.output_text.delta", "delta": text}, "response.output_text.delta") for text in texts
    ]
    parts.append(event({"type": "response.output_text.done", "text": "".join(texts)}, "response.output_text.done"))
    ended = {"object": "response", "usage": RESPONSE_USAGE, "error": None, **more}
    return b"".join(parts) + event({"type": kind, "response": ended}, kind)
