"""LiteLLM's table LiteLLM_SpendLogs, exported from the proxy's PostgreSQL as Parquet or JSON lines.

Follows litellm 1.108 and 1.110; columns are those of litellm/proxy/schema.prisma. The prompt is in proxy_server_request, the
body of the request, which LiteLLM fills only with `general_settings: store_prompts_in_spend_logs: true`.

    exchange_id        request_id                       timestamp          startTime
    account_id         user, else team_id, else api_key (a hash); never the proxy's administrator
    organization_id    organization_id
    end_user_id        end_user                         api_key_id         api_key
    session_id         session_id                       model              model_group, model
    system, prompt, turn, reasoning_signature           proxy_server_request, else messages
    tools, max_tokens, temperature, stream, logprobs    proxy_server_request
    input_tokens, output_tokens                         prompt_tokens, completion_tokens
    client_ip          requester_ip_address             user_agent         metadata.user_agent
    status             status, metadata.error_information.error_code
    finish_reason      response.choices[0], else metadata.error_information.error_class

To get it, with DuckDB:

    duckdb -c "ATTACH 'postgres:…' AS proxy; COPY (FROM proxy.\\"LiteLLM_SpendLogs\\") TO 'LOG/exchanges/spend.parquet'"

Missing: tls_fingerprint and header_fingerprint, as of the payload. LiteLLM cuts texts of more than 2,048 characters in the
middle unless MAX_STRING_LENGTH_PROMPT_IN_DB is raised: templates stand at the ends and are still found, but two items that
differ in the middle look like one. The note that LiteLLM puts into the cut is taken out: it would look like a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stillwatch.readers.bodies import asked, conversed
from stillwatch.readers.shape import Part, Passed, Shape, each
from stillwatch.readers.shapes.litellm import asks, owner, unredacted
from stillwatch.readers.values import at, instant, parsed, whole, word

_CUT = re.compile(r"\.\.\. \(litellm_truncated [^)]*\([^)]*\)[^)]*\) \.\.\.|\.\.\. \(litellm_truncated [^)]*\) \.\.\.")
_MARKS = frozenset({"request_id", "call_type", "api_key", "startTime", "spend"})


def _recognises(record: Any) -> bool:
    return record.keys() >= _MARKS


def _rows(record: Any) -> Iterator[Part]:
    if not asks(at(record, "call_type")):
        yield Passed("calls that ask no model for text"), record
        return
    body = parsed(at(record, "proxy_server_request"))
    row = asked(body)
    if row.get("prompt") is None and row.get("messages") is None:
        row.update(conversed(at(record, "messages")))
    metadata, user = parsed(at(record, "metadata")), at(record, "user")
    status = word(at(record, "status"), at(metadata, "status"))
    row.update(
        exchange_id=word(at(record, "request_id")),
        **owner(user, at(record, "team_id"), at(record, "api_key"), at(record, "organization_id")),
        end_user_id=word(at(record, "end_user"), row["end_user_id"]),
        session_id=word(at(record, "session_id")),
        timestamp=instant(at(record, "startTime")),
        model=word(at(record, "model_group"), at(record, "model"), row["model"]),
        input_tokens=whole(at(record, "prompt_tokens")),
        output_tokens=whole(at(record, "completion_tokens")),
        status=whole(at(metadata, "error_information", "error_code")) if status == "failure" else 200,
        finish_reason=word(
            at(parsed(at(record, "response")), "choices", 0, "finish_reason"),
            at(metadata, "error_information", "error_class"),
        ),
        client_ip=word(at(record, "requester_ip_address"), at(metadata, "requester_ip_address")),
        user_agent=word(at(metadata, "user_agent")),
    )
    for name in ("prompt", "system"):
        if isinstance(text := row.get(name), str):
            row[name] = _CUT.sub(" ", text)
    yield unredacted(row), record


LITELLM_SPEND = Shape(
    "litellm-spend",
    "LiteLLM's spend logs",
    _recognises,
    each(_rows),
    hints={"prompt": "LiteLLM stores prompts in this table with general_settings.store_prompts_in_spend_logs: true"},
)
