"""Envoy's access log in the spellings of its gateways, and addresses that the caller cannot invent."""

from __future__ import annotations

from typing import Any

import pytest
from shape_rows import made, only

from stillwatch.readers.shapes.envoy import ENVOY

ACCESS: dict[str, Any] = {
    "start_time": "2026-02-24T09:00:00.123Z", "method": "POST", "x-envoy-origin-path": "/v1/chat/completions",
    "response_code": 200, "user-agent": "ua", "x-request-id": "r", "downstream_remote_address": "203.0.113.9:40123",
    "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": "21", "gen_ai.usage.output_tokens": 7, "session.id": "-",
    "account_id": "a", "ja4": "t13d",
}  # fmt: skip


def test_an_access_is_a_row_without_a_prompt() -> None:
    row = {
        "exchange_id": "r", "account_id": "a", "timestamp": "2026-02-24T09:00:00.123Z", "model": "m", "prompt": "",
        "input_tokens": 21, "output_tokens": 7, "status": 200, "client_ip": "203.0.113.9", "user_agent": "ua",
        "tls_fingerprint": "t13d",
    }  # fmt: skip
    assert made(ENVOY, ACCESS) == [row]
    assert made(ENVOY, {name.replace("-", "_"): value for name, value in ACCESS.items()}) == [row]


@pytest.mark.parametrize(
    ("seen", "forwarded", "address"),
    [
        ("203.0.113.9:40123", "198.51.100.1", "203.0.113.9"),
        ("[2001:db8::7]:443", None, "2001:db8::7"),
        ("2001:db8::7", None, "2001:db8::7"),
        ("-", "the caller's invention, 203.0.113.9", "203.0.113.9"),
        (None, None, None),
    ],
)
def test_the_address_is_the_one_that_was_seen(seen: Any, forwarded: Any, address: str | None) -> None:
    record = {**ACCESS, "downstream_remote_address": seen, "x-forwarded-for": forwarded}
    assert only(ENVOY, record, "client_ip") == {"client_ip": address}


@pytest.mark.parametrize(
    ("path", "is_exchange"),
    [
        ("/v1/messages?beta=true", True), ("/v1beta/models/m:generateContent", True), ("/v1/responses", True),
        ("/v1/embeddings", False), ("/healthz", False), ("/v1/models", False),
    ],
)  # fmt: skip
def test_only_requests_for_text_are_exchanges(path: str, is_exchange: bool) -> None:
    (row,) = made(ENVOY, {**ACCESS, "x-envoy-origin-path": path})
    assert isinstance(row, dict) if is_exchange else row == "requests that ask no model for text"


def test_a_body_that_a_filter_logs_is_read() -> None:
    body = '{"model": "n", "messages": [{"role": "user", "content": "P"}], "max_tokens": 9}'
    told = only(ENVOY, {**ACCESS, "request_body": body}, "prompt", "max_tokens", "model")
    assert told == {"prompt": "P", "max_tokens": 9, "model": "m"}
    assert only(ENVOY, {**ACCESS, "prompt": "P"}, "prompt") == {"prompt": "P"}
