"""Langfuse's observations, exported as JSON lines: enriched observations of the blob storage export, or of its API.

Follows the field reference of the blob storage export (observations_v2) and `ObservationV2` of the langfuse package 5.0.4,
in snake_case and, as the API spells them, camelCase. Only generations are exchanges; spans and events around them are not.

    exchange_id        id                               timestamp          start_time
    account_id         user_id                          session_id         session_id
    model              provided_model_name, model
    system, prompt, turn, reasoning_signature           input
    tools              input.tools, model_parameters.tools
    max_tokens, temperature, stream, logprobs           model_parameters
    input_tokens, output_tokens                         usage_details.input, .output, else prompt and completion tokens
    client_ip, user_agent                               metadata.attributes: client.address, user_agent.original

To get it, project settings, Integrations, Blob Storage, with JSONL and enriched observations; then:

    aws s3 sync s3://BUCKET/PREFIX/observations_v2 LOG/exchanges/langfuse

Missing: client_ip, user_agent and country unless they were sent as attributes of the span, status and finish_reason always,
organisations and keys: shared addresses and clients cannot be seen, and one user_id is one account. Older exports
(observations/) have no user_id, which stands in traces/ only; choose enriched observations as the export's source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillwatch.readers.bodies import conversed, parameters
from stillwatch.readers.shape import Part, Passed, Shape, each
from stillwatch.readers.values import at, instant, parsed, whole, word


def _recognises(record: Any) -> bool:
    return {"id", "type"} <= record.keys() and any(
        {trace, start} <= record.keys() for trace, start in (("trace_id", "start_time"), ("traceId", "startTime"))
    )


def _rows(record: Any) -> Iterator[Part]:
    if at(record, "type") != "GENERATION":
        yield Passed("observations that are no generations"), record
        return

    def of(snake: str) -> Any:
        first, *rest = snake.split("_")
        camel = first + "".join(part.capitalize() for part in rest)
        return record.get(snake, record.get(camel))

    given, asked = parsed(of("input")), parsed(of("model_parameters"))
    usage, sent = parsed(of("usage_details")), at(parsed(of("metadata")), "attributes")
    yield (
        {
            "exchange_id": word(of("id")),
            "account_id": word(of("user_id")),
            "session_id": word(of("session_id")),
            "timestamp": instant(of("start_time")),
            "model": word(of("provided_model_name"), of("model")),
            **conversed(given),
            "tools": at(given, "tools") or parsed(at(asked, "tools")) or None,
            **parameters(asked),
            "input_tokens": whole(at(usage, "input"), at(usage, "prompt_tokens"), of("prompt_tokens")),
            "output_tokens": whole(at(usage, "output"), at(usage, "completion_tokens"), of("completion_tokens")),
            "client_ip": word(at(parsed(sent), "client.address")),
            "user_agent": word(at(parsed(sent), "user_agent.original")),
        },
        record,
    )


LANGFUSE = Shape(
    "langfuse",
    "Langfuse observations",
    _recognises,
    each(_rows),
    hints={
        "account_id": "no user_id: choose enriched observations as the export's source, and have the service send a user "
        "with every trace",
        "prompt": "the generation has no input: choose a field group with input and output in the export",
    },
)
