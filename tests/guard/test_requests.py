"""Requests: path and body in, facts out."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
from anthropic.types import message_create_params
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openai.types import completion_create_params, embedding_create_params
from openai.types.chat import completion_create_params as chat_create_params
from openai.types.responses import response_create_params

from stillwatch.guard.facts import BY_NAME
from stillwatch.guard.requests import Malformed, asked

CHAT: chat_create_params.CompletionCreateParamsStreaming = {
    "model": "large", "stream": True, "max_tokens": 64, "n": 2, "logprobs": True,
    "messages": [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"}, {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
    ],
    "tools": [{"type": "function", "function": {"name": "look"}}],
}  # fmt: skip
RESPONSES: response_create_params.ResponseCreateParamsNonStreaming = {
    "model": "large", "input": "Why?", "instructions": "Be brief.", "max_output_tokens": 64,
    "reasoning": {"summary": "auto"}, "include": ["message.output_text.logprobs"],
}  # fmt: skip
COMPLETIONS: completion_create_params.CompletionCreateParamsNonStreaming = {
    "model": "large", "prompt": "Why?", "logprobs": 0, "best_of": 4,
}  # fmt: skip
EMBEDDINGS: embedding_create_params.EmbeddingCreateParams = {"model": "small", "input": ["Why?", "How?"]}
MESSAGES: message_create_params.MessageCreateParamsStreaming = {
    "model": "large", "max_tokens": 2048, "stream": True, "system": [{"type": "text", "text": "Be brief."}],
    "thinking": {"type": "enabled", "budget_tokens": 1024}, "messages": [{"role": "user", "content": "Why?"}],
}  # fmt: skip
KINDS = {"text": str, "number": float, "whole": int, "flag": bool, "texts": list}


def facts(path: str, body: Any) -> dict[str, Any]:
    """Facts of a body, `request.` left out, and only what is not as if nothing had been asked for."""
    found = asked(path, orjson.dumps(body)).facts
    return {
        name.removeprefix("request."): value
        for name, value in found.items()
        if name != "request.bytes" and value != BY_NAME[name].unknown
    }


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        (
            "/v1/chat/completions", CHAT,
            {"endpoint": "chat", "model": "large", "stream": True, "max_tokens": 64, "n": 2, "logprobs": True, "tools": 1},
        ),
        (
            "/openai/v1/responses", RESPONSES,
            {"endpoint": "responses", "model": "large", "max_tokens": 64, "logprobs": True, "reasoning": True},
        ),
        ("/v1/completions/", COMPLETIONS, {"endpoint": "completions", "model": "large", "logprobs": True}),
        ("/v1/embeddings?a=b", EMBEDDINGS, {"endpoint": "embeddings", "model": "small"}),
        (
            "/a/b/v1/messages", MESSAGES,
            {"endpoint": "messages", "model": "large", "stream": True, "max_tokens": 2048, "reasoning": True},
        ),
        ("/invocations", {"messages": [], "n": 2}, {"endpoint": "chat", "n": 2}),
        ("/api/invocations/", COMPLETIONS, {"endpoint": "completions", "model": "large", "logprobs": True}),
        ("/invocations", EMBEDDINGS, {"endpoint": "embeddings", "model": "small"}),
        ("/v1/messages/count_tokens", MESSAGES, {"endpoint": "other"}),
        ("/v1/models", {}, {"endpoint": "other"}),
        ("/chat/completions", CHAT, {"endpoint": "other"}),
        ("/v1/files", [1, 2], {"endpoint": "other"}),
    ],
)  # fmt: skip
def test_facts_of_each_endpoint(path: str, body: Any, told: dict[str, Any]) -> None:
    assert facts(path, body) == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"model": {"a": 1}}, {}),
        ({"model": ["large"]}, {}),
        ({"max_tokens": "abc"}, {}),
        ({"max_tokens": "64"}, {"max_tokens": 64}),
        ({"max_tokens": -1}, {}),
        ({"max_tokens": 64.0}, {"max_tokens": 64}),
        ({"max_tokens": None, "max_completion_tokens": 7}, {"max_tokens": 7}),
        ({"max_tokens": 9, "max_completion_tokens": 7}, {"max_tokens": 7}),
        ({"max_tokens": 2**60}, {}),
        ({"n": 2.5}, {}),
        ({"n": 0}, {}),
        ({"n": -3}, {}),
        ({"n": [3]}, {}),
        ({"stream": "maybe"}, {}),
        ({"stream": 1}, {"stream": True}),
        ({"tools": "none"}, {}),
        ({"functions": [{}, {}]}, {"tools": 2}),
        ({"logprobs": False, "top_logprobs": 3}, {"logprobs": True}),
        ({"logprobs": {}}, {}),
        ({"reasoning_effort": "high"}, {"reasoning": True}),
        ({"reasoning_effort": "none"}, {}),
        ({"reasoning": {"effort": None}}, {}),
        ({"reasoning": "yes"}, {}),
        ({"include": ["reasoning.encrypted_content"]}, {"reasoning": True}),
        ({"include": [{}, 3]}, {}),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, {}),
        ({"thinking": {"type": "disabled"}}, {}),
        ({"thinking": {"type": ["enabled"]}}, {"reasoning": True}),
        ({"chat_template_kwargs": {"enable_thinking": True}}, {"reasoning": True}),
    ],
)
def test_what_does_not_fit_is_as_if_not_sent(body: Any, told: dict[str, Any]) -> None:
    assert facts("/v1/chat/completions", body) == {"endpoint": "chat", **told}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"hello", "not JSON"),
        (b'{"model": "m"', "not JSON"),
        (b"[]", "JSON object"),
        (b'"text"', "JSON object"),
        (b'{"a": ' + b"[" * 2000 + b"]" * 2000 + b"}", "nested too deeply"),
        (b'{"temperature": NaN}', "not JSON"),
        (b'{"n": ' + b"9" * 5000 + b"}", "not JSON"),
        ('{"model": "m"}'.encode("utf-16"), "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"model": "\xff"}', "not JSON"),
    ],
)
def test_bodies_that_cannot_be_read(body: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        asked("/v1/chat/completions", body)
    assert asked("/v1/files", body).body is None


def test_json_that_only_a_lenient_parser_takes_is_read_all_the_same() -> None:
    one = asked("/v1/chat/completions", b'{"model": "m", "n": 1e999, "max_tokens": 7, "user": "cut \\ud83d"}')
    assert (one.facts["request.n"], one.facts["request.max_tokens"], one.facts["request.model"]) == (1, 7, "m")
    assert asked("/v1/chat/completions", b'{"model": "\\ud83d"}').facts["request.model"] == ""


@pytest.mark.parametrize(
    ("endpoint", "body", "answers", "most"),
    [
        ("chat", {}, 1, 100),
        ("chat", {"n": 3, "max_tokens": 7}, 3, 7),
        ("chat", {"prompt": ["a", "b"]}, 1, 100),  # of no meaning there
        ("completions", {"prompt": "a"}, 1, 16),
        ("completions", {"prompt": [1, 2]}, 1, 16),
        ("completions", {"prompt": ["a", "b"], "n": 3, "best_of": 4}, 8, 16),
        ("completions", {"prompt": [[1], [2], [3]], "max_tokens": 50}, 3, 50),
        ("completions", {"prompt": []}, 1, 16),
    ],
)
def test_answers_and_their_length(endpoint: str, body: Any, answers: int, most: int) -> None:
    one = asked("/v1/completions" if endpoint == "completions" else "/v1/chat/completions", orjson.dumps(body))
    assert (one.answers, one.most_answered(100)) == (answers, most)


def test_nothing_sent_is_no_mistake() -> None:
    one = asked("/v1/chat/completions", b"")  # GET: the list of stored answers
    assert one.body is None and one.facts["request.endpoint"] == "chat"


@pytest.mark.parametrize(
    ("path", "body", "system", "prompt", "turn"),
    [
        ("/v1/chat/completions", CHAT, "Be brief.", "Why?", 1),
        ("/v1/responses", RESPONSES, "Be brief.", "Why?", None),
        ("/v1/messages", MESSAGES, "Be brief.", "Why?", 0),
        ("/v1/embeddings", EMBEDDINGS, None, "Why?\nHow?", None),
        ("/v1/completions", {"prompt": [1, 2, 3]}, None, "", None),
        ("/v1/chat/completions", {"messages": 7}, None, "", None),
        ("/v1/files", {}, None, "", None),
    ],
)
def test_texts_for_the_log(path: str, body: Any, system: str | None, prompt: str, turn: int | None) -> None:
    one = asked(path, orjson.dumps(body))
    row = one.row
    assert one.newest() == prompt
    assert (row.get("system"), row["prompt"], row.get("turn")) == (system, prompt, turn)
    assert "messages" not in row


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"messages": [{"role": "user", "content": "x" * 400}]}, 101),  # and one for its role
        ({"prompt": "é" * 200}, 100),
        ({"prompt": [1, 2, 3]}, 3),
        ({"input": [{"type": "input_image", "image_url": "data:" + "x" * 9_000}]}, 1_500),
        ({"model": "x" * 4_000}, 0),
        ({"tools": [{"type": "function", "parameters": {"properties": {"type": {"type": "string"}}}}]}, 3),
    ],
)
def test_tokens_are_estimated_from_text(body: Any, tokens: int) -> None:
    assert asked("/v1/chat/completions", orjson.dumps(body)).input_tokens == tokens


CALLS = ("function_call_output", "custom_tool_call_output")
TALK = st.lists(
    st.fixed_dictionaries({}, optional={
        "role": st.sampled_from(["user", "tool", "assistant", "system"]), "type": st.sampled_from(["message", *CALLS]),
        "content": st.one_of(st.text(max_size=3), st.lists(st.fixed_dictionaries({"text": st.text(max_size=3)}))),
        "output": st.text(max_size=3),
    }),
    max_size=4,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["messages", "input", "prompt"]), TALK)
def test_the_newest_message_is_the_one_that_is_logged(name: str, talk: list[Any]) -> None:
    one = asked("/v1/chat/completions", orjson.dumps({name: talk}))
    assert one.newest() == one.row["prompt"]


names = st.sampled_from(
    "model stream n max_tokens logprobs top_logprobs tools functions reasoning thinking include type text content role "
    "messages input prompt system metadata user_id output parts effort display".split()
)
json = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.text(max_size=5)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["chat/completions", "responses", "completions", "embeddings", "messages", "x"]),
    st.one_of(
        st.dictionaries(names, json, max_size=6).map(orjson.dumps), st.binary(max_size=40), json.map(orjson.dumps)
    ),
)
@example("chat/completions", b'{"messages": [{"role": "user", "content": "\\ud800"}], "n": -1e999}')
def test_any_body_has_facts_of_their_kinds_or_is_malformed(endpoint: str, body: bytes) -> None:
    try:
        one = asked(f"/v1/{endpoint}", body)
    except Malformed as problem:
        assert str(problem)
        return
    for name, value in one.facts.items():
        assert type(value) is KINDS[BY_NAME[name].kind]
        assert not isinstance(value, float) or math.isfinite(value)
    assert one.input_tokens >= 0 and isinstance(one.row["prompt"], str)
    assert one.newest() == one.row["prompt"]
