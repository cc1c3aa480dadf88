"""Helicone's requests with bodies of OpenAI, Anthropic and Gemini in them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from shape_rows import made, only

from stillwatch.readers.shapes.helicone import HELICONE

BODY = {"model": "m", "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}], "user": "u"}
REQUEST: dict[str, Any] = {
    "request_id": "r", "request_created_at": "2026-02-24T09:00:00Z", "request_path": "https://x.example/v1/chat/completions",
    "request_user_id": "a", "request_properties": {"Helicone-Session-Id": "s"}, "request_body": BODY, "response_status": 200,
    "response_body": {"choices": [{"finish_reason": "stop"}]}, "prompt_tokens": 21, "completion_tokens": 7,
    "country_code": "DE",
}  # fmt: skip


def test_a_request_is_a_row() -> None:
    row = {
        "exchange_id": "r", "account_id": "a", "end_user_id": "u", "session_id": "s", "timestamp": "2026-02-24T09:00:00Z",
        "model": "m", "system": "S", "prompt": "P", "turn": 0, "input_tokens": 21, "output_tokens": 7, "status": 200,
        "country": "DE", "finish_reason": "stop",
    }  # fmt: skip
    assert made(HELICONE, REQUEST) == [row]
    assert made(HELICONE, {**REQUEST, "request_body": orjson.dumps(BODY).decode()}) == [row]


@pytest.mark.parametrize(
    "body",
    [
        {"system": [{"type": "text", "text": "S"}], "messages": BODY["messages"][1:]},
        {"instructions": "S", "input": "P"},
        {"systemInstruction": {"parts": [{"text": "S"}]}, "contents": [{"role": "user", "parts": [{"text": "P"}]}]},
    ],
)
def test_bodies_of_every_interface_are_read(body: dict[str, Any]) -> None:
    assert only(HELICONE, {**REQUEST, "request_body": body}, "system", "prompt") == {"system": "S", "prompt": "P"}


def test_without_its_body_a_request_has_no_prompt() -> None:
    for body in ({}, "", None, {"model": "m"}):
        assert only(HELICONE, {**REQUEST, "request_body": body}, "prompt") == {"prompt": None}


def test_embeddings_are_passed() -> None:
    path = "https://x.example/v1/embeddings?api-version=1"
    assert made(HELICONE, {**REQUEST, "request_path": path}) == ["requests that ask no model for text"]
