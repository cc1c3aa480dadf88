"""Helicone's requests, exported as JSON lines with their bodies.

Follows `HeliconeRequest` in packages/llm-mapper/types.ts of the Helicone repository (commit 301a87b, 2025), which is what
its export tool and its query interface give.

    exchange_id        request_id                       timestamp          request_created_at
    account_id         request_user_id, the header Helicone-User-Id of the request
    session_id         request_properties.Helicone-Session-Id
    model, system, prompt, turn, reasoning_signature    request_body
    tools, max_tokens, temperature, stream, logprobs, end_user_id               request_body
    input_tokens, output_tokens                         prompt_tokens, completion_tokens
    status             response_status                  country            country_code
    finish_reason      response_body: choices[0].finish_reason, stop_reason

To get it, with its export tool:

    npx @helicone/export --format jsonl --include-body --output LOG/exchanges/helicone.jsonl

Missing: client_ip, user_agent and fingerprints, which Helicone does not hand out: shared addresses, networks and clients
cannot be seen. Organisations and keys are missing unless they are sent as properties, which --map takes:
--map organization_id=request_properties.Organization
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillwatch.readers.bodies import asked
from stillwatch.readers.shape import Part, Passed, Shape, each
from stillwatch.readers.values import at, instant, parsed, whole, word

_MARKS = frozenset({"request_id", "request_created_at", "request_body", "response_status"})
_OTHER = ("/embeddings", "/moderations", "/images/generations", "/audio/speech", "/audio/transcriptions", "/rerank")


def _recognises(record: Any) -> bool:
    return record.keys() >= _MARKS


def _rows(record: Any) -> Iterator[Part]:
    path = word(at(record, "request_path")) or ""
    if path.partition("?")[0].endswith(_OTHER):
        yield Passed("requests that ask no model for text"), record
        return
    row, answer = asked(parsed(at(record, "request_body"))), parsed(at(record, "response_body"))
    row.update(
        exchange_id=word(at(record, "request_id")),
        account_id=word(at(record, "request_user_id")),
        session_id=word(at(record, "request_properties", "Helicone-Session-Id")),
        timestamp=instant(at(record, "request_created_at")),
        model=word(at(record, "request_model"), row["model"]),
        input_tokens=whole(at(record, "prompt_tokens")),
        output_tokens=whole(at(record, "completion_tokens")),
        status=whole(at(record, "response_status")),
        country=word(at(record, "country_code")),
        finish_reason=word(at(answer, "choices", 0, "finish_reason"), at(answer, "stop_reason")),
    )
    yield row, record


HELICONE = Shape(
    "helicone",
    "Helicone requests",
    _recognises,
    each(_rows),
    hints={
        "account_id": "no request_user_id: the service has to send the header Helicone-User-Id, or --map "
        "account_id=request_properties.NAME takes a property",
        "prompt": "no prompt in request_body: export with --include-body",
    },
)
