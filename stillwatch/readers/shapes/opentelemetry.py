"""OpenTelemetry spans of calls of a model, as OTLP JSON lines: what the Collector's file exporter writes.

Follows the GenAI semantic conventions as they are now (gen_ai.input.messages, gen_ai.provider.name; instrumentation
openai-v2 2.4b0, util-genai 0.4b0), the names before (gen_ai.system, gen_ai.usage.prompt_tokens, events gen_ai.user.message
on spans), OpenLLMetry's of before them (gen_ai.prompt.0.content, llm.request.functions; instrumentation-openai 0.33) and
those of Langfuse's package (langfuse.observation.*; 5.0.4).

One line holds many spans. An event gen_ai.client.inference.operation.details, on the span or as a log record, counts like
the span it belongs to; of the two, the first with a prompt is kept. Log records with one message each are not read.

    exchange_id        traceId-spanId                   timestamp          startTimeUnixNano
    account_id         user.id, enduser.id, traceloop.association.properties.user_id, langfuse.user.id, of the span, then
                       of its resource; never gen_ai.user or llm.user, which the caller gave and can vary at will
    organization_id    organization.id, tenant.id       end_user_id        gen_ai.user, llm.user
    session_id         gen_ai.conversation.id, session.id
    model, max_tokens, temperature, stream              gen_ai.request.*
    system, prompt, turn                                gen_ai.system_instructions, gen_ai.input.messages, else older names
    tools              gen_ai.tool.definitions, llm.request.functions.N
    input_tokens, output_tokens, finish_reason          gen_ai.usage.*, gen_ai.response.finish_reasons
    client_ip, user_agent, country                      client.address, user_agent.original, client.geo.country.iso_code
    status             http.response.status_code, else error.type where it is a number

To get it, in the Collector's configuration:

    exporters: {file: {path: /logs/exchanges/spans.jsonl, format: json}}

Missing: an account, unless the service sets user.id on the span (a baggage span processor does that in one line): without,
nothing can be read. Prompts are only there if content is captured (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT), and
address and client only if they are put on the model's span, not on the server's above it. TLS and header fingerprints have
no name in the conventions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillwatch.readers.bodies import content, conversed
from stillwatch.readers.otlp import things
from stillwatch.readers.shape import Part, Passed, Row, Shape, each
from stillwatch.readers.values import at, flag, instant, number, parsed, whole, word

_ACCOUNT = ("user.id", "enduser.id", "traceloop.association.properties.user_id", "langfuse.user.id")
_CALLERS_USER = ("gen_ai.user", "llm.user")
_MARKS = ("gen_ai.operation.name", "gen_ai.request.model", "gen_ai.system", "gen_ai.provider.name", "llm.request.type")
_ASKING = frozenset({"chat", "text_completion", "generate_content", "completion", "responses", "message"})
_DETAILS = "gen_ai.client.inference.operation.details"
_MOST_MESSAGES = 4_096  # numbered attributes looked at: no conversation has more messages
_LINES = ("resourceSpans", "resourceLogs", "resourceMetrics")


def _recognises(record: Any) -> bool:
    return any(isinstance(record.get(name), list) for name in _LINES)


def _rows(record: Any) -> Iterator[Part]:
    for thing in things(record):
        yield _row(thing), thing


def _row(thing: dict[str, Any]) -> Row | Passed:
    """What a span, or a log record like one, says of an exchange; `attributes` and `resource` are mappings already."""
    found, kind = _renamed(thing["attributes"]), thing["kind"]
    if kind != "span" and thing["name"] != _DETAILS:
        return Passed(f"other {kind}s")
    if not any(found.get(name) for name in _MARKS):
        return Passed("spans of other work")
    operation = word(*(found.get(name) for name in ("gen_ai.operation.name", "llm.request.type")))
    if operation is not None and operation not in _ASKING:
        return Passed("spans of tools, agents and embeddings")
    named = (found, thing["resource"])
    return {
        "exchange_id": thing["id"],
        "account_id": word(*(where.get(name) for where in named for name in _ACCOUNT)),
        "organization_id": word(*(where.get(n) for where in named for n in ("organization.id", "tenant.id"))),
        "end_user_id": word(*_of(found, *_CALLERS_USER)),
        "session_id": word(found.get("gen_ai.conversation.id"), found.get("session.id")),
        "timestamp": instant(thing["start"], "ns"),
        "model": word(found.get("gen_ai.request.model")),
        **_asked(found, thing["events"]),
        **_parameters(found),
        "input_tokens": whole(*_of(found, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")),
        "output_tokens": whole(*_of(found, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")),
        "finish_reason": word(at(parsed(found.get("gen_ai.response.finish_reasons")), 0)),
        "status": whole(*_of(found, "http.response.status_code", "error.type")),
        "client_ip": word(*_of(found, "client.address", "http.client_ip")),
        "country": word(found.get("client.geo.country.iso_code")),
        "user_agent": word(*_of(found, "user_agent.original", "http.user_agent")),
    }


def _renamed(found: dict[str, Any]) -> dict[str, Any]:
    """Attributes of Langfuse's package under the names of the conventions; any other as they are."""
    kind = found.get("langfuse.observation.type")
    if kind is None:
        return found
    given, asked, usage = (
        parsed(found.get(f"langfuse.observation.{name}")) for name in ("input", "model.parameters", "usage_details")
    )
    return {
        "gen_ai.operation.name": "chat" if kind == "generation" else kind,
        "gen_ai.request.model": found.get("langfuse.observation.model.name"),
        "gen_ai.request.max_tokens": at(asked, "max_tokens"),
        "gen_ai.request.temperature": at(asked, "temperature"),
        "gen_ai.input.messages": given,
        "gen_ai.tool.definitions": at(given, "tools"),
        "gen_ai.usage.input_tokens": whole(at(usage, "input"), at(usage, "prompt_tokens")),
        "gen_ai.usage.output_tokens": whole(at(usage, "output"), at(usage, "completion_tokens")),
        **found,
    }


def _of(found: dict[str, Any], *names: str) -> Iterator[Any]:
    return (found.get(name) for name in names)


def _parameters(found: dict[str, Any]) -> Row:
    limits = ("gen_ai.request.max_tokens", "gen_ai.request.max_completion_tokens")
    streams = ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming")
    return {
        "tools": parsed(found.get("gen_ai.tool.definitions")) or _numbered(found, "llm.request.functions") or None,
        "max_tokens": whole(*_of(found, *limits)),
        "temperature": number(found.get("gen_ai.request.temperature")),
        "stream": next((flag(one) for one in _of(found, *streams) if one is not None), None),
    }


def _asked(found: dict[str, Any], events: list[tuple[str, dict[str, Any]]]) -> Row:
    """The conversation, from wherever the instrumentation of that time put it."""
    details = next((values for name, values in events if name == _DETAILS), {})
    for where in (found, details):
        if messages := where.get("gen_ai.input.messages"):
            return conversed(messages, where.get("gen_ai.system_instructions"))
    older = found.get("gen_ai.prompt") or next(
        (v.get("gen_ai.prompt") for n, v in events if "content.prompt" in n), None
    )
    if older:
        return conversed(older)
    if numbered := _numbered(found, "gen_ai.prompt"):
        return conversed([{**one, "content": content(one.get("content"))} for one in numbered])
    told = [
        {"role": name.split(".")[1], "content": content(values.get("content"))}
        for name, values in events
        if name.startswith("gen_ai.") and name.endswith(".message")
    ]
    return conversed(told)


def _numbered(found: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    """prefix.0.role, prefix.0.content, prefix.1.role … as a list of objects."""
    gathered: dict[int, dict[str, Any]] = {}
    for name, value in found.items():
        place, dot, key = name.removeprefix(f"{prefix}.").partition(".")
        if dot and name.startswith(f"{prefix}.") and place.isdecimal() and len(place) <= 4:
            gathered.setdefault(int(place), {})[key] = value
    return [gathered[place] for place in sorted(gathered)[:_MOST_MESSAGES]]


OPENTELEMETRY = Shape(
    "opentelemetry",
    "OpenTelemetry spans (OTLP JSON)",
    _recognises,
    each(_rows),
    hints={
        "account_id": "no user.id or enduser.id on the span or its resource: have the service set one, or name another "
        "attribute with --map account_id='attributes[\"NAME\"]'",
        "prompt": "the instrumentation does not capture content: OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
    },
)
