"""LiteLLM's StandardLoggingPayload, as its logging callbacks hand it over (S3, GCS, generic API, a callback of one's own).

Follows litellm 1.108 and 1.110; fields are those of `StandardLoggingPayload` in litellm/types/utils.py.

    exchange_id        id                               timestamp          startTime, seconds
    account_id         metadata.user_api_key_user_id, else the team, else the key's hash; never the proxy's administrator
    organization_id    metadata.user_api_key_org_id
    end_user_id        end_user, metadata.user_api_key_end_user_id
    api_key_id         metadata.user_api_key_hash       session_id         session_id
    model              model_group, model
    system, prompt, turn, reasoning_signature           messages
    tools, max_tokens, temperature, stream, logprobs    model_parameters
    client_ip          requester_ip_address             user_agent         user_agent
    input_tokens, output_tokens                         prompt_tokens, completion_tokens
    status             status, error_information.error_code
    finish_reason      response.choices[0], else error_information.error_class

To get it, from the objects that its S3 callback leaves, one a call:

    find calls -name '*.json' -exec jq -c . {} + > LOG/exchanges/calls.jsonl

Missing: tls_fingerprint and header_fingerprint, because the proxy stands behind the TLS end point: rare client builds
cannot be seen unless the proxy in front passes them on and --map takes them. The answer stays unread. Where message
logging is turned off, LiteLLM writes a fixed word for every prompt; such a record has no prompt. A team is taken for an
organisation only where you say that teams are customers: --map organization_id=metadata.user_api_key_team_id
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillwatch.readers.bodies import conversed, parameters
from stillwatch.readers.shape import Part, Passed, Row, Shape, each
from stillwatch.readers.values import at, instant, parsed, whole, word

REDACTED = "redacted-by-litellm"  # what LiteLLM writes in place of a text
_ADMINISTRATOR = "default_user_id"  # LiteLLM's name for the proxy's administrator, to whom keys without an owner belong
ASKING = (
    "completion", "text_completion", "anthropic_messages", "responses", "generate_content", "generate_content_stream",
    "llm_passthrough_route", "pass_through_endpoint",
)  # fmt: skip
_MARKS = frozenset({"call_type", "model_map_information", "metadata"})


def asks(call_type: Any) -> bool:
    """Whether a call of this type asks a model for text; each stands with and without an a in front, for asynchronous."""
    return isinstance(call_type, str) and (call_type in ASKING or call_type.removeprefix("a") in ASKING)


def owner(user: Any, team: Any, key: Any, organization: Any) -> Row:
    """Account and organisation of a key of LiteLLM's. A team is no organisation: it may hold all customers of a tariff."""
    known = None if user == _ADMINISTRATOR else user
    return {"account_id": word(known, team, key), "organization_id": word(organization), "api_key_id": word(key)}


def unredacted(row: Row) -> Row:
    """Nothing where LiteLLM wrote its word in place of the prompt: a text that all share would look like a template."""
    return {**row, "prompt": None, "system": None} if row.get("prompt") == REDACTED else row


def _recognises(record: Any) -> bool:
    return record.keys() >= _MARKS and "startTime" in record


def _rows(record: Any) -> Iterator[Part]:
    if not asks(at(record, "call_type")):
        yield Passed("calls that ask no model for text"), record
        return
    metadata, asked = at(record, "metadata"), at(record, "model_parameters")
    failed = at(record, "status") == "failure"
    yield (
        {
            "exchange_id": word(at(record, "id"), at(record, "litellm_call_id")),
            **owner(*(at(metadata, f"user_api_key_{name}") for name in ("user_id", "team_id", "hash", "org_id"))),
            "end_user_id": word(at(record, "end_user"), at(metadata, "user_api_key_end_user_id")),
            "session_id": word(at(record, "session_id")),
            "timestamp": instant(at(record, "startTime"), "s"),
            "model": word(at(record, "model_group"), at(record, "model")),
            **unredacted(conversed(at(record, "messages"), at(asked, "system") or at(asked, "instructions"))),
            "tools": at(asked, "tools") or at(asked, "functions") or None,
            **{**parameters(asked), **({"stream": True} if at(record, "stream") is True else {})},
            "input_tokens": whole(at(record, "prompt_tokens")),
            "output_tokens": whole(at(record, "completion_tokens")),
            "status": whole(at(record, "error_information", "error_code")) if failed else 200,
            "finish_reason": word(
                at(parsed(at(record, "response")), "choices", 0, "finish_reason"),
                at(record, "error_information", "error_class"),  # such as ContentPolicyViolationError
            ),
            "client_ip": word(at(record, "requester_ip_address"), at(metadata, "requester_ip_address")),
            "user_agent": word(at(record, "user_agent"), at(metadata, "user_agent")),
        },
        record,
    )


LITELLM = Shape(
    "litellm",
    "LiteLLM's logging payload",
    _recognises,
    each(_rows),
    hints={
        "account_id": "no key, user or team in metadata: calls of LiteLLM's library without its proxy have no account; "
        "--map account_id=PATH takes it from elsewhere",
        "prompt": "turn_off_message_logging must be off for prompts to be logged",
    },
)
