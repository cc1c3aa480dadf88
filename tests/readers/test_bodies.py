"""Request bodies of every interface: what was asked, with which parameters, and which reasoning was handed back."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.readers.bodies import asked, content, conversed, parameters

SAID = {"role": "user", "content": "P"}


@pytest.mark.parametrize(
    ("body", "row"),
    [
        ({"max_completion_tokens": 9, "temperature": 0, "stream": True}, (9, 0.0, True, None)),
        ({"max_output_tokens": 9, "temperature": "0.5", "stream": False}, (9, 0.5, False, None)),
        ({"max_tokens": 9, "logprobs": True}, (9, None, None, True)),
        ({"max_tokens": None, "logprobs": 5}, (None, None, None, True)),
        ({"logprobs": 0, "top_logprobs": 3}, (None, None, None, True)),
        ({"logprobs": False}, (None, None, None, False)),
        ({"generationConfig": {"maxOutputTokens": 9, "temperature": 1}}, (9, 1.0, None, None)),
        ({"max_tokens": 2**40, "temperature": {}, "stream": "yes"}, (None, None, None, None)),
        ("no body", (None, None, None, None)),
    ],
)
def test_parameters_under_all_their_names(body: Any, row: tuple[Any, ...]) -> None:
    found = parameters(body)
    assert (found["max_tokens"], found["temperature"], found["stream"], found["logprobs"]) == row


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "assistant", "content": [{"type": "thinking", "thinking": "…", "signature": "TOKEN"}]}, SAID],
        [{"role": "assistant", "content": [{"type": "redacted_thinking", "data": "TOKEN"}]}, SAID],
        [{"type": "reasoning", "encrypted_content": "TOKEN", "summary": []}, SAID],
        [{"role": "model", "parts": [{"thoughtSignature": "TOKEN", "functionCall": {}}]}, SAID],
        [{"role": "assistant", "content": "x", "thinking_blocks": [{"type": "thinking", "signature": "TOKEN"}]}, SAID],
    ],
)
def test_handed_back_reasoning_is_known_by_a_hash(messages: list[Any]) -> None:
    found = conversed(messages)
    assert found["reasoning_signature"] == _hashed("TOKEN")
    assert found["prompt"] == "P"


def _hashed(token: str) -> str:
    import hashlib

    return hashlib.sha256(token.encode()).hexdigest()[:32]


def test_a_signature_of_something_else_is_none() -> None:
    talk = [{"role": "assistant", "content": [{"type": "image", "data": "TOKEN"}]}, SAID]
    assert conversed(talk)["reasoning_signature"] is None


@pytest.mark.parametrize(
    ("items", "prompt", "turn"),
    [
        ([SAID, {"type": "function_call", "name": "f"}, {"type": "function_call_output", "output": "42"}], "42", 1),
        ([SAID, {"role": "tool", "content": "42"}, {"role": "user", "content": "Q"}], "Q", 1),
        ([{"role": "user", "parts": [{"text": "one"}, {"text": "two"}]}], "one\ntwo", 0),
    ],
)
def test_the_newest_of_user_and_tool_is_the_prompt(items: list[Any], prompt: str, turn: int) -> None:
    row = asked({"input": items})
    assert (row["prompt"], row["turn"]) == (prompt, turn)


@pytest.mark.parametrize(
    "messages", [[{"role": "assistant", "content": "x"}], [3], {"messages": 7}, {"input": {"a": 1}}]
)
def test_what_is_no_conversation_is_left_to_be_refused(messages: Any) -> None:
    row = conversed(messages)
    assert "prompt" not in row and row["messages"] is not None


@pytest.mark.parametrize("text", ['{"task": "sort"}', "[1, 2]", "[", '[{"a": 1}]', '["a", "b"]', "{}", "[INST] x"])
def test_a_text_that_is_json_is_still_what_was_asked(text: str) -> None:
    for given in (text, {"input": text}, {"prompt": text}, [{"role": "user", "content": text}]):
        assert conversed(given)["prompt"] == text
    assert asked({"system": text, "messages": [SAID]})["system"] == text


def test_parts_that_were_written_as_json_are_read() -> None:
    assert content('[{"type": "text", "text": "P"}]') == [{"type": "text", "text": "P"}]
    assert conversed([SAID], '[{"type": "text", "content": "S"}]')["system"] == "S"
