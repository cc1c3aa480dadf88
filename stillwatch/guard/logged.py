"""What is written down of a request: a row of the contract's exchanges for scan and watch, and one of what was decided.

Rows are made where they are written, not on the way of the request: taking a conversation's texts out of it takes longer
than deciding about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from stillwatch.guard.decision import Decision
from stillwatch.guard.noted import Canary
from stillwatch.guard.requests import Asked
from stillwatch.guard.usage import Usage
from stillwatch.pseudonyms import API_KEY, Pseudonyms

Texts = Literal["all", "marked"]  # whose texts are kept: every request's, or those that are marked to be kept
# What the columns of the contract hold; a row beyond it would be set aside, and a harvester could see to that.
_MOST_STATUS, _MOST_TOKENS, _MOST_TEMPERATURE = 2**15 - 1, 2**31 - 1, 3e38
_MOST_TEXT = 800_000  # characters of a prompt: with three such texts and every character an escape, a line can be read
_MOST_NAME = 1_000  # characters of all else


@dataclass(slots=True)  # freezing so many fields would take longer than all else that is done with it on the way
class Exchange:
    """One request, by whom, and how it ended."""

    id: str
    at: float  # when it came, seconds since 1970
    account: str
    asked: Asked
    usage: Usage
    status: int  # HTTP
    latency_ms: float
    keep_texts: bool = False  # marked
    organization: str = ""
    api_key: str = ""  # as it came; a keyed hash is written
    session: str = ""
    client_ip: str = ""
    user_agent: str = ""
    tls_fingerprint: str = ""  # JA4
    header_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision by which something was done or, by a shadow, would have been."""

    decision: Decision
    at: float  # seconds since 1970
    exchange: str  # id; empty where others carry the exchange
    account: str
    organization: str
    campaign: str  # that the account was counted to then
    mark: str = ""  # the commitment to the key that the answer is watermarked with (docs/watermark.md); never the key
    canary: Canary | None = None  # that the request carried (docs/canaries.md)


def exchange_line(one: Exchange, key: Pseudonyms, texts: Texts) -> bytes:
    """A row of the exchanges; what is unknown is left out."""
    told, usage = one.asked.row, one.usage
    row: dict[str, Any] = {
        "exchange_id": one.id, "account_id": one.account, "organization_id": one.organization,
        "end_user_id": told.get("end_user_id"), "api_key_id": one.api_key and key.token(API_KEY, one.api_key),
        "session_id": one.session, "timestamp": _instant(one.at), "model": told.get("model"), "turn": told.get("turn"),
        "reasoning_signature": told.get("reasoning_signature"), "input_tokens": min(usage.input, _MOST_TOKENS) or None,
        "output_tokens": min(usage.output, _MOST_TOKENS), "max_tokens": told.get("max_tokens"),
        "temperature": _temperature(told.get("temperature")), "stream": told.get("stream"), "logprobs": told.get("logprobs"),
        "latency_ms": one.latency_ms, "status": min(one.status, _MOST_STATUS), "finish_reason": usage.finish_reason,
        "client_ip": one.client_ip, "user_agent": one.user_agent, "tls_fingerprint": one.tls_fingerprint,
        "header_fingerprint": one.header_fingerprint,
    }  # fmt: skip
    row = {
        name: _storable(value, _MOST_NAME) if isinstance(value, str) else value
        for name, value in row.items()
        if value is not None and value != ""
    }
    row["prompt"] = ""
    if texts == "all" or one.keep_texts:
        row |= {name: _storable(text, _MOST_TEXT) for name in ("system", "prompt") if (text := told.get(name))}
        row["tools"] = _json(told.get("tools"))
    return orjson.dumps(row)


def decided_line(one: Decided) -> bytes:
    """For explain and for appeals: by which rules, what was done, and what was known then. Unknown numbers are null."""
    decision = one.decision
    return orjson.dumps({
        "decision_id": decision.id, "timestamp": _instant(one.at), "exchange_id": one.exchange,
        "account_id": one.account, "organization_id": one.organization, "campaign_id": one.campaign,
        "live": decision.live, "shadow": decision.shadow, "done": _done(decision),
        "rules": decision.basis.rules, "facts": decision.basis.facts, "found_until": decision.basis.found_until,
        **({"watermark_commitment": one.mark} if one.mark else {}), **_carried(one.canary),
    })  # fmt: skip


def _carried(canary: Canary | None) -> dict[str, Any]:
    """Which key it was, never what was chosen by it; the bytes are the provider's to take off when it counts tokens."""
    if canary is None:
        return {}
    return {"canary_commitment": canary.commitment, "canary_slots": canary.slots, "canary_bytes": canary.bytes}


def _done(decision: Decision) -> list[str]:
    """By the names that actions have in a policy."""
    done: list[str] = [decision.answer.name] if decision.answer else []
    done += [rate.name for _, rate in decision.rates]
    done += [budget.name for _, budget in decision.budgets]
    said = {
        "drop_logprobs": decision.drop_logprobs, "cap_n": decision.most_answers, "reasoning": decision.reasoning,
        "watermark": decision.watermark, "canary": decision.canary,
    }  # fmt: skip
    return done + [name for name, value in said.items() if value]


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _temperature(value: float | None) -> float | None:
    return value if value is not None and abs(value) < _MOST_TEMPERATURE else None


def _json(value: Any) -> str | None:
    """Tools as the column has them; None where they are none, or none that can be written."""
    try:
        written = orjson.dumps(value).decode() if value else ""
    except orjson.JSONEncodeError:  # nested deeper than 254, or with half an emoji in them
        return None
    return written if 0 < len(written) <= _MOST_TEXT else None


def _storable(text: str, most: int) -> str:
    """Not too long, and without the halves of emojis that JavaScript cuts texts into: nothing can store them."""
    text = text[:most]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
