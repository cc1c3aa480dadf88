"""LiteLLM's payload and its spend logs: whose a call is, what was asked, and what is no exchange."""

from __future__ import annotations

from typing import Any

import pytest
from shape_rows import made, only

from stillwatch.readers.shapes.litellm import LITELLM, asks
from stillwatch.readers.shapes.litellm_spend import LITELLM_SPEND

PAYLOAD: dict[str, Any] = {
    "id": "chatcmpl-1",
    "call_type": "acompletion",
    "startTime": 1_771_923_600.25,
    "status": "success",
    "stream": True,
    "model": "gpt-4o-mini-2026",
    "model_group": "gpt-4o-mini",
    "prompt_tokens": 21,
    "completion_tokens": 7,
    "end_user": "u1",
    "requester_ip_address": "203.0.113.1",
    "user_agent": "OpenAI/Python 1.99.0",
    "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}],
    "response": {"choices": [{"finish_reason": "length", "message": {"content": "never kept"}}]},
    "model_parameters": {"temperature": 0.7, "max_tokens": 200, "logprobs": True, "tools": [{"name": "oven"}]},
    "metadata": {"user_api_key_hash": "k", "user_api_key_user_id": "user-1", "user_api_key_team_id": "team-1"},
    "model_map_information": None,
}
SPENT: dict[str, Any] = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "k",
    "spend": 0.1,
    "startTime": "2026-02-24 09:00:00.250000+00:00",
    "model": "gpt-4o-mini-2026",
    "model_group": "gpt-4o-mini",
    "user": "user-1",
    "team_id": "team-1",
    "end_user": "u1",
    "status": "success",
    "prompt_tokens": 21,
    "completion_tokens": 7,
    "requester_ip_address": "203.0.113.1",
    "metadata": '{"user_agent": "OpenAI/Python 1.99.0"}',
    "messages": "{}",
    "response": '{"choices": [{"finish_reason": "length"}]}',
    "proxy_server_request": '{"model": "gpt-4o-mini", "stream": true, "temperature": 0.7, "max_tokens": 200, '
    '"logprobs": true, "tools": [{"name": "oven"}], '
    '"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}]}',
}
ROW = {
    "exchange_id": "chatcmpl-1",
    "account_id": "user-1",
    "end_user_id": "u1",
    "api_key_id": "k",
    "model": "gpt-4o-mini",
    "system": "S",
    "prompt": "P",
    "turn": 0,
    "tools": [{"name": "oven"}],
    "max_tokens": 200,
    "temperature": 0.7,
    "stream": True,
    "logprobs": True,
    "input_tokens": 21,
    "output_tokens": 7,
    "status": 200,
    "finish_reason": "length",
    "client_ip": "203.0.113.1",
    "user_agent": "OpenAI/Python 1.99.0",
}


def test_a_call_is_a_row() -> None:
    assert made(LITELLM, PAYLOAD) == [{**ROW, "timestamp": "2026-02-24T09:00:00.250000+00:00"}]
    assert made(LITELLM_SPEND, SPENT) == [{**ROW, "timestamp": "2026-02-24 09:00:00.250000+00:00"}]


@pytest.mark.parametrize(
    ("user", "team", "key", "organization", "row"),
    [
        ("u", "t", "k", "o", ("u", "o")),
        ("u", "t", "k", None, ("u", None)),
        (None, "t", "k", None, ("t", None)),
        ("default_user_id", "t", "k", None, ("t", None)),
        ("default_user_id", None, "k", None, ("k", None)),
        ("", "", "", "", (None, None)),
    ],
)
def test_the_account_is_the_user_else_the_team_else_the_key(
    user: str | None, team: str | None, key: str | None, organization: str | None, row: tuple[str | None, str | None]
) -> None:
    named = {"user_id": user, "team_id": team, "hash": key, "org_id": organization}
    metadata = {f"user_api_key_{name}": value for name, value in named.items()}
    found = only(LITELLM, {**PAYLOAD, "metadata": metadata}, "account_id", "organization_id")
    assert tuple(found.values()) == row
    spent = {**SPENT, "user": user, "team_id": team, "api_key": key, "organization_id": organization}
    assert tuple(only(LITELLM_SPEND, spent, "account_id", "organization_id").values()) == row


@pytest.mark.parametrize(
    ("call_type", "is_exchange"),
    [
        ("completion", True), ("acompletion", True), ("aresponses", True), ("anthropic_messages", True),
        ("aanthropic_messages", True), ("agenerate_content_stream", True), ("aembedding", False), ("arerank", False),
        ("create_batch", False), (None, False), (["completion"], False),
    ],
)  # fmt: skip
def test_only_calls_that_ask_for_text_are_exchanges(call_type: Any, is_exchange: bool) -> None:
    assert asks(call_type) == is_exchange
    for shape, record in ((LITELLM, PAYLOAD), (LITELLM_SPEND, SPENT)):
        (row,) = made(shape, {**record, "call_type": call_type})
        assert isinstance(row, dict) if is_exchange else row == "calls that ask no model for text"


def test_the_word_that_stands_for_every_prompt_is_no_prompt() -> None:
    for messages in ("redacted-by-litellm", [{"role": "user", "content": "redacted-by-litellm"}]):
        assert only(LITELLM, {**PAYLOAD, "messages": messages}, "prompt", "system") == {"prompt": None, "system": None}


def test_a_call_that_a_filter_turned_away_says_so() -> None:
    told = {"error_code": "400", "error_class": "ContentPolicyViolationError"}
    failed = {**PAYLOAD, "status": "failure", "response": {}, "error_information": told}
    assert only(LITELLM, failed, "finish_reason") == {"finish_reason": "ContentPolicyViolationError"}
    spent = {**SPENT, "status": "failure", "response": "{}", "metadata": {"error_information": told}}
    assert only(LITELLM_SPEND, spent, "finish_reason") == {"finish_reason": "ContentPolicyViolationError"}


@pytest.mark.parametrize("error", [{"error_code": "429"}, {"error_code": 429}])
def test_a_failed_call_has_the_status_of_its_error(error: Any) -> None:
    assert only(LITELLM, {**PAYLOAD, "status": "failure", "error_information": error}, "status") == {"status": 429}
    unknown = {**PAYLOAD, "status": "failure", "error_information": {"error_code": "None"}}
    assert only(LITELLM, unknown, "status") == {"status": None}


def test_the_note_in_a_cut_text_is_taken_out() -> None:
    note = (
        "... (litellm_truncated skipped 12 chars. Truncation is a DB storage safeguard. Full, untruncated data is logged "
        "to logging callbacks (OTEL, Datadog, etc.). To increase the truncation limit, set `X` in your env.) ..."
    )
    body = {"messages": [{"role": "user", "content": f"begins{note}ends"}]}
    assert only(LITELLM_SPEND, {**SPENT, "proxy_server_request": body}, "prompt") == {"prompt": "begins ends"}
