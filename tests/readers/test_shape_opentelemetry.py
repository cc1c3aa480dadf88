"""Spans under the names of each time: whose, what was asked, and what is no exchange."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from shape_rows import made, only

from stillwatch.readers.shapes.opentelemetry import OPENTELEMETRY

TALK = [
    {"role": "system", "parts": [{"type": "text", "content": "S"}]},
    {"role": "user", "parts": [{"type": "text", "content": "first"}]},
    {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "oven", "arguments": {}}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "220 degrees"}]},
]
PLAIN = [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}]


def value(plain: Any) -> dict[str, Any]:
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(one) for one in plain]}}
    if isinstance(plain, dict):
        return {"kvlistValue": {"values": pairs(plain)}}
    return {"stringValue": plain}


def pairs(plain: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(one)} for key, one in plain.items()]


def line(attributes: dict[str, Any], resource: dict[str, Any] | None = None, events: Any = (), **more: Any) -> Any:
    named = {"gen_ai.operation.name": "chat", "user.id": "a", **attributes}
    told = [{"name": name, "attributes": pairs(values)} for name, values in events]
    span = {"traceId": "t", "spanId": "s", "startTimeUnixNano": "1771923600250000000", "attributes": pairs(named)}
    groups = [{"spans": [{**span, "events": told, **more}]}]
    return {"resourceSpans": [{"resource": {"attributes": pairs(resource or {})}, "scopeSpans": groups}]}


def test_a_span_under_the_names_of_today() -> None:
    attributes = {
        "gen_ai.request.model": "m", "gen_ai.request.max_tokens": 200, "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stream": True, "gen_ai.usage.input_tokens": 21, "gen_ai.usage.output_tokens": 7,
        "gen_ai.response.finish_reasons": ["stop"], "gen_ai.conversation.id": "c", "gen_ai.user": "u",
        "client.address": "203.0.113.9", "user_agent.original": "ua", "http.response.status_code": 200,
        "gen_ai.tool.definitions": '[{"name": "oven"}]', "gen_ai.input.messages": orjson.dumps(TALK).decode(),
        "client.geo.country.iso_code": "DE", "organization.id": "o",
    }  # fmt: skip
    assert made(OPENTELEMETRY, line(attributes)) == [
        {
            "exchange_id": "t-s", "account_id": "a", "organization_id": "o", "end_user_id": "u", "session_id": "c",
            "timestamp": "2026-02-24T09:00:00.250000+00:00", "model": "m", "system": "S", "prompt": "220 degrees", "turn": 1,
            "tools": [{"name": "oven"}], "max_tokens": 200, "temperature": 0.5, "stream": True, "input_tokens": 21,
            "output_tokens": 7, "finish_reason": "stop", "status": 200, "client_ip": "203.0.113.9", "country": "DE",
            "user_agent": "ua",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "events"),
    [
        ({"gen_ai.input.messages": PLAIN}, []),  # structured, as log records may have it
        ({"gen_ai.input.messages": orjson.dumps(PLAIN[1:]).decode(),
          "gen_ai.system_instructions": '[{"type": "text", "content": "S"}]'}, []),
        ({}, [("gen_ai.client.inference.operation.details", {"gen_ai.input.messages": PLAIN})]),
        ({}, [("gen_ai.content.prompt", {"gen_ai.prompt": orjson.dumps(PLAIN).decode()})]),
        ({}, [("gen_ai.system.message", {"content": "S"}), ("gen_ai.user.message", {"content": "P"})]),
        ({"gen_ai.prompt": orjson.dumps(PLAIN).decode()}, []),
        ({"gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "S", "gen_ai.prompt.1.role": "user",
          "gen_ai.prompt.1.content": '[{"type": "text", "text": "P"}]'}, []),
        ({"langfuse.observation.type": "generation",
          "langfuse.observation.input": orjson.dumps({"messages": PLAIN}).decode()}, []),
    ],
)  # fmt: skip
def test_a_prompt_is_found_where_each_time_put_it(attributes: dict[str, Any], events: Any) -> None:
    assert only(OPENTELEMETRY, line(attributes, events=events), "system", "prompt") == {"system": "S", "prompt": "P"}


@pytest.mark.parametrize(
    ("attributes", "resource", "account"),
    [
        ({"user.id": "a", "enduser.id": "b"}, {"user.id": "c"}, "a"),
        ({"user.id": "", "enduser.id": "b"}, {"user.id": "c"}, "b"),
        ({"user.id": "", "traceloop.association.properties.user_id": "d"}, {}, "d"),
        ({"user.id": ""}, {"user.id": "c"}, "c"),
        ({"user.id": "", "gen_ai.user": "what the caller says"}, {}, None),
    ],
)
def test_the_account_is_never_what_the_caller_says(
    attributes: dict[str, Any], resource: dict[str, Any], account: str | None
) -> None:
    assert only(OPENTELEMETRY, line(attributes, resource), "account_id") == {"account_id": account}


@pytest.mark.parametrize(
    ("attributes", "what"),
    [
        ({"gen_ai.operation.name": "embeddings"}, "spans of tools, agents and embeddings"),
        ({"gen_ai.operation.name": "execute_tool"}, "spans of tools, agents and embeddings"),
        ({"gen_ai.operation.name": "", "http.method": "GET"}, "spans of other work"),
    ],
)
def test_other_spans_are_counted_and_passed(attributes: dict[str, Any], what: str) -> None:
    assert made(OPENTELEMETRY, line(attributes)) == [what]


def test_a_line_holds_many_things() -> None:
    spans = line({"gen_ai.input.messages": PLAIN})["resourceSpans"]
    other = {"name": "GET /", "attributes": pairs({"http.method": "GET"})}
    spans[0]["scopeSpans"][0]["spans"].append(other)
    spans.append({"instrumentationLibrarySpans": [{"spans": [spans[0]["scopeSpans"][0]["spans"][0]]}]})
    logs = [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "started"}}]}]}]
    found = made(OPENTELEMETRY, {"resourceSpans": spans, "resourceLogs": logs})
    assert [one if isinstance(one, str) else one["prompt"] for one in found] == [
        "P", "spans of other work", "P", "other log records",
    ]  # fmt: skip


def test_an_event_that_is_a_log_record_counts_like_its_span() -> None:
    told = {"gen_ai.operation.name": "chat", "user.id": "a", "gen_ai.input.messages": PLAIN}
    event = {
        "eventName": "gen_ai.client.inference.operation.details", "timeUnixNano": "1771923600000000000",
        "traceId": "t", "spanId": "s", "attributes": pairs(told),
    }  # fmt: skip
    record = {"resourceLogs": [{"scopeLogs": [{"logRecords": [event]}]}]}
    assert only(OPENTELEMETRY, record, "exchange_id", "timestamp", "prompt") == {
        "exchange_id": "t-s", "timestamp": "2026-02-24T09:00:00+00:00", "prompt": "P",
    }  # fmt: skip
