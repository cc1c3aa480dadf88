"""Usage: an answer in, tokens out, however it is cut into pieces."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson
import pytest
from anthropic.types import Message
from anthropic.types import Usage as AnthropicUsage
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse, Embedding
from openai.types.chat import ChatCompletion
from openai.types.create_embedding_response import Usage as EmbeddingUsage
from streams_here import OPENAI_USAGE, RESPONSE_USAGE, chat, chunk, event, messages, responses

from stillwatch.guard import usage as usages
from stillwatch.guard.usage import Counted, Usage, used

TOLD = Usage(20, 7, 3, 16, "stop", "", True)
SAID = ("Hello", ' "you"\n', "", "¿qué? 😀 content: {}")


def counted(
    stream: bytes, endpoint: str = "chat", cuts: list[int] | None = None, hide: bool = False
) -> tuple[Usage, bytes]:
    """What is counted of a stream cut at these places, and what goes on to the client."""
    counting = Counted(endpoint, hide)
    places = [0, *sorted(cuts or []), len(stream)]
    passed = b"".join(counting.feed(stream[start:end]) for start, end in pairwise(places))
    passed += counting.rest()
    return counting.total(), passed


STREAMS = [
    ("chat", chat(*SAID), TOLD),
    ("chat", chat(*SAID, end=b"\r\n"), TOLD),
    ("chat", event(chunk("a")) + event(chunk("", "stop", OPENAI_USAGE)), TOLD),  # usage beside the last piece
    ("chat", chat("x" * 40, usage=False), Usage(output=10, finish_reason="stop")),
    ("chat", event(chunk("x" * 40)), Usage(output=10)),
    ("chat", event(chunk("字")) * 7 + event(chunk("")), Usage(output=7)),  # a token each: more than by their bytes
    ("chat", event(chunk("x" * 40)) + event(chunk("y" * 8, usage=OPENAI_USAGE)), Usage(20, 7, 3, 16)),  # of so far
    (
        "chat", event(chunk("a")) + event({"error": {"type": "overloaded", "code": 503}}),
        Usage(output=1, finish_reason="error", error="overloaded"),
    ),
    ("chat", chat('"usage": {"prompt_tokens": 9}', usage=False), Usage(output=8, finish_reason="stop")),
    ("completions", event({"choices": [{"text": "x" * 40, "finish_reason": None}]}), Usage(output=10)),
    ("responses", responses(*SAID), Usage(20, 7, 3, 16, "completed", "", True)),
    (
        "responses", responses(kind="response.incomplete", incomplete_details={"reason": "max_output_tokens"}),
        Usage(20, 7, 3, 16, "max_output_tokens", "", True),
    ),
    (
        "responses", responses("x" * 40, kind="response.failed", usage=None, error={"code": "server_error"}),
        Usage(output=10, finish_reason="error", error="server_error"),
    ),
    (
        "responses", event({"type": "error", "code": "rate", "message": "m"}, "error"),
        Usage(finish_reason="error", error="rate"),
    ),
    ("messages", messages(*SAID), Usage(20, 7, 3, 16, "end_turn", "", True)),
    ("messages", messages("x" * 40, whole=False), Usage(20, 11, 0, 16)),  # 1 that message_start told, 10 of text
    (
        "messages", messages(whole=False) + event({"type": "error", "error": {"type": "overloaded_error"}}, "error"),
        Usage(20, 1, 0, 16, "error", "overloaded_error"),
    ),
    ("chat", b'data: {"usage": {\n\ndata: {"usage": {"prompt_tokens": "x", "completion_tokens": -1}}\n\n', Usage()),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "stream", "told"), STREAMS)
def test_streams(endpoint: str, stream: bytes, told: Usage) -> None:
    assert counted(stream, endpoint) == (told, stream)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 3_000), max_size=30), st.booleans())
def test_however_a_stream_is_cut_the_same_is_counted_and_goes_on(
    one: tuple[str, bytes, Usage], cuts: list[int], hide: bool
) -> None:
    endpoint, stream, told = one
    places = [cut % (len(stream) + 1) for cut in cuts]
    total, passed = counted(stream, endpoint, places, hide)
    assert total == told
    assert passed == counted(stream, endpoint, [], hide)[1]
    assert hide or passed == stream
    assert counted(stream, endpoint, list(range(len(stream))), hide) == (total, passed), "byte by byte"


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5), st.sampled_from(["chat", "messages", "other"])
)
def test_any_bytes_go_on_as_they_are(stream: bytes, cuts: list[int], endpoint: str) -> None:
    places = [cut % (len(stream) + 1) for cut in cuts]
    for hide in (False, True):
        total, passed = counted(stream, endpoint, places, hide)
        assert passed == stream and (total, passed) == counted(stream, endpoint, [], hide)
    assert not used(stream, endpoint).complete


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_usage_that_we_asked_for_is_taken_out_to_the_byte(end: bytes) -> None:
    assert counted(chat(*SAID, end=end), hide=True) == (TOLD, chat(*SAID, usage=False, end=end))


def test_a_usage_beside_an_answer_is_not_taken_out() -> None:
    stream = event(chunk("a")) + event(chunk("b", "stop", OPENAI_USAGE))
    assert counted(stream, hide=True) == (TOLD, stream)


def test_a_stream_cut_in_its_usage_loses_nothing_else() -> None:
    stream = chat("a", usage=False)[: -len(b"data: [DONE]\n\n")]
    assert counted(stream + b'data: {"choices":[],"us', hide=True)[1] == stream + b'data: {"choices":[],"us'


@pytest.mark.parametrize("hide", [False, True])
@pytest.mark.parametrize("cuts", [[], [5], list(range(0, 5_000, 7))])
def test_lines_too_long_to_be_held_go_on_uncounted(
    monkeypatch: pytest.MonkeyPatch, cuts: list[int], hide: bool
) -> None:
    monkeypatch.setattr(usages, "LONGEST_LINE", 1_000)
    long = b"data: [" + b'{"content":"xxxx"},' * 200 + b"]\n\n"
    assert counted(long + chat("y"), cuts=cuts, hide=hide) == (TOLD, long + chat("y", usage=not hide))
    broken = long + event(chunk("y" * 40))
    assert counted(broken, cuts=cuts, hide=hide) == (Usage(output=10), broken)


def answer(kind: str) -> bytes:
    """An answer in one piece, as its client's types write it."""
    if kind == "chat":
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Hi"},
            "logprobs": None,
        }
        made: Any = ChatCompletion.model_validate({
            "id": "c", "choices": [choice], "created": 1, "model": "m", "object": "chat.completion",
            "usage": OPENAI_USAGE.model_dump(),
        })  # fmt: skip
    elif kind == "messages":
        usage = AnthropicUsage(
            input_tokens=4, output_tokens=7, cache_creation_input_tokens=10, cache_read_input_tokens=6
        )
        made = Message(
            id="m", content=[], model="m", role="assistant", type="message", usage=usage, stop_reason="max_tokens"
        )
    else:
        data = [Embedding(embedding=[0.1] * 9, index=0, object="embedding")]
        made = CreateEmbeddingResponse(
            data=data, model="m", object="list", usage=EmbeddingUsage(prompt_tokens=9, total_tokens=9)
        )
    written: str = made.model_dump_json()
    return written.encode()


@pytest.mark.parametrize(
    ("endpoint", "body", "told"),
    [
        ("chat", answer("chat"), TOLD),
        ("messages", answer("messages"), Usage(20, 7, 0, 6, "max_tokens", "", True)),
        ("embeddings", answer("embeddings"), Usage(9, 0, complete=True)),
        (
            "responses",
            orjson.dumps(
                {"object": "response", "status": "completed", "usage": RESPONSE_USAGE, "metadata": {"usage": "x"}}
            ),
            Usage(20, 7, 3, 16, "completed", "", True),
        ),
        ("chat", orjson.dumps({"choices": [{"message": {"content": "x" * 40}}]}), Usage(output=10)),
        ("responses", orjson.dumps({"output": [{"content": [{"text": "x" * 40}]}]}), Usage(output=10)),
        ("chat", orjson.dumps({"error": {"type": "t", "code": "c"}}), Usage(finish_reason="error", error="t")),
        ("chat", orjson.dumps({"error": "no"}), Usage(finish_reason="error", error="no")),
        ("chat", b"<html>", Usage()),
        ("embeddings", b"", Usage()),
        ("embeddings", b'"usage"', Usage()),
        ("embeddings", b'{"usage":{"prompt_tokens":', Usage()),
    ],
)
def test_answers_in_one_piece(endpoint: str, body: bytes, told: Usage) -> None:
    assert used(body, endpoint) == told


def test_text_is_counted_without_reading_its_line_as_json() -> None:
    stream = b'data: {"choices":[{"delta":{"content":"' + b"x" * 40 + b'"}}] and no more of it\n\n'
    assert counted(stream) == (Usage(output=10), stream)
