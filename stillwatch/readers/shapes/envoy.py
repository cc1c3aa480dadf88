"""Envoy's access log as JSON lines: who asked, from where and when, but not what.

Field names are those that Envoy Gateway 1.x, Envoy AI Gateway (gen_ai.*) and Istio give their JSON access logs by default,
in either spelling, with - or _. The format string is the operator's, so the account has to be added there, from the header
or token that holds it; a header has to be one that the gateway sets, not the caller:

    "account_id": "%REQ(x-account-id)%", "ja4": "%TLS_JA4_FINGERPRINT%"

    exchange_id        x-request-id                     timestamp          start_time
    account_id         account_id, x-account-id, x-user-id, x-consumer-id, x-client-id, caller, x-api-key-id
    organization_id    organization_id, x-organization-id, x-tenant-id
    api_key_id         api_key_id, x-api-key-id         country            country, x-country-code
    session_id         session.id                       model              gen_ai.request.model
    client_ip          x-envoy-external-address, downstream_remote_address, else the last of x-forwarded-for
    user_agent         user-agent                       tls_fingerprint, header_fingerprint            ja4, header_fingerprint
    input_tokens, output_tokens                         gen_ai.usage.*     status             response_code
    prompt, system, turn, tools, max_tokens, temperature, stream, logprobs, end_user_id, reasoning_signature
                       prompt, messages or request_body where the operator logs one; else an empty prompt

To get it, from its output:

    kubectl logs -n envoy-gateway-system -l app.kubernetes.io/component=proxy --tail=-1 > LOG/exchanges/envoy.log

Missing: the prompt, unless a filter puts it into the log. Accounts are then tied by addresses, clients and time only; no
template, no harvest and no capability can be seen, and repetition must not be read from it. Do not put this log beside one
of the same requests under other ids: each request would count twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillwatch.readers.bodies import asked, conversed
from stillwatch.readers.shape import Part, Passed, Row, Shape, each
from stillwatch.readers.values import instant, parsed, whole, word

_MARKS = frozenset({"start_time", "response_code"})
_ENVOYS = ("downstream_remote_address", "upstream_cluster", "upstream_host", "response_flags", "route_name")
_ASKING = ("/chat/completions", "/completions", "/responses", "/messages", ":generateContent", ":streamGenerateContent")
_PATHS = ("x-envoy-origin-path", "request.path", "path", ":path", "x-envoy-original-path")
_ACCOUNT = ("account_id", "x-account-id", "x-user-id", "x-consumer-id", "x-client-id", "caller", "x-api-key-id")
_ABSENT = "-"  # how Envoy writes what is not there


def _recognises(record: Any) -> bool:
    return record.keys() >= _MARKS and any(name in record for name in _ENVOYS)


def _rows(record: Any) -> Iterator[Part]:
    told = {key.replace("_", "-"): value for key, value in record.items() if value not in (None, "", _ABSENT)}

    def of(*names: str) -> str | None:
        return word(*(told.get(name.replace("_", "-")) for name in names))

    path = (of(*_PATHS) or "").partition("?")[0]
    model = of("gen_ai.request.model", "x-ai-eg-model")
    if not (path.endswith(_ASKING) or (model and not path)):
        yield Passed("requests that ask no model for text"), record
        return
    row: Row = {
        **_prompt(told),
        "exchange_id": of("x-request-id", "request_id"),
        "account_id": of(*_ACCOUNT),
        "organization_id": of("organization_id", "x-organization-id", "x-tenant-id"),
        "api_key_id": of("api_key_id", "x-api-key-id"),
        "session_id": of("session.id", "session_id"),
        "timestamp": instant(of("start_time")),
        "input_tokens": whole(of("gen_ai.usage.input_tokens", "input_tokens")),
        "output_tokens": whole(of("gen_ai.usage.output_tokens", "output_tokens")),
        "status": whole(of("response_code")),
        "client_ip": _address(of("x-envoy-external-address", "downstream_remote_address"), of("x-forwarded-for")),
        "country": of("country", "x-country-code"),
        "user_agent": of("user-agent"),
        "tls_fingerprint": of("ja4", "tls_ja4_fingerprint", "ja4_fingerprint", "tls_fingerprint"),
        "header_fingerprint": of("header_fingerprint"),
    }
    yield ({**row, "model": model} if model else row), record


def _prompt(told: dict[str, Any]) -> Row:
    if body := told.get("request-body"):
        return asked(parsed(body))
    if said := told.get("messages") or told.get("prompt"):
        return conversed(said)
    return {"prompt": ""}


def _address(seen: str | None, forwarded: str | None) -> str | None:
    """Without the port. Of x-forwarded-for the last entry, because earlier ones are the caller's to invent."""
    address = seen or (forwarded or "").rpartition(",")[2].strip()
    if address.startswith("["):
        return address[1:].partition("]")[0] or None
    return (address.partition(":")[0] if address.count(":") == 1 else address) or None


ENVOY = Shape(
    "envoy",
    "Envoy access log",
    _recognises,
    each(_rows),
    hints={
        "account_id": "Envoy logs none by itself: add the header that holds it to the format string, or name the field "
        "with --map account_id=FIELD"
    },
)
