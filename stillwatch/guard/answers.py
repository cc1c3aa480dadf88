"""What a customer is told in place of an answer, in the shape that his client understands.

He is told what he can do: the number of the decision and where to appeal, what to prove and where, when to come again. Never
what was found, by which rule, or with whom he is counted: that is for the people who look at the decision, and would teach
whoever harvests how not to be found. Nothing of it is handed to these functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import orjson

from stillwatch.guard.actions import Hold, Refuse, RequireVerification
from stillwatch.guard.requests import ANTHROPIC

DECISION_HEADER = "x-decision-id"
_PROVE = {
    "email": "an email address", "phone": "a phone number", "payment": "a means of payment", "identity": "your identity"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an answer is called: type and code as OpenAI has them, and the type that Anthropic has."""

    type: str
    code: str
    anthropic: str


_FORBIDDEN = _Kind("permission_error", "request_refused", "permission_error")
_UNPROVEN = _Kind("permission_error", "verification_required", "permission_error")
_TOO_MANY = _Kind("requests", "rate_limit_exceeded", "rate_limit_error")
_USED_UP = _Kind("tokens", "rate_limit_exceeded", "rate_limit_error")
_INVALID = _Kind("invalid_request_error", "invalid_body", "invalid_request_error")
_TOO_LARGE = _Kind("invalid_request_error", "request_too_large", "request_too_large")
_TOO_SLOW = _Kind("invalid_request_error", "request_timeout", "invalid_request_error")
_NOT_FOUND = _Kind("invalid_request_error", "not_found", "not_found_error")
_AWAY = _Kind("server_error", "upstream_unavailable", "api_error")
_LATE = _Kind("server_error", "upstream_timeout", "timeout_error")


def in_place(
    answer: RequireVerification | Hold | Refuse, api: str, decision: str, appeal: str, verification: str = ""
) -> Answer:
    """What is said in place of the model's answer; `decision` is its number, the others are addresses."""
    told = f"Decision {decision}. To have it looked at again: {appeal}"
    match answer:
        case RequireVerification(level=level):
            where = f" at {verification}" if verification else ""
            return _answer(
                403, api, _UNPROVEN, f"Please verify {_PROVE[level]}{where}, then send this again. {told}", decision
            )
        case Hold():
            return _answer(403, api, _FORBIDDEN, f"This request waits for a review by a person. {told}", decision)
        case Refuse():
            return _answer(403, api, _FORBIDDEN, f"This request cannot be answered. {told}", decision)


def slowed_down(api: str, decision: str, seconds: float) -> Answer:
    """Too many requests: when to come again."""
    return _later(api, _TOO_MANY, f"Too many requests. Decision {decision}.", decision, seconds)


def used_up(api: str, decision: str, seconds: float) -> Answer:
    """No tokens left: when there are again."""
    return _later(api, _USED_UP, f"No tokens are left for now. Decision {decision}.", decision, seconds)


def malformed(api: str, problem: str) -> Answer:
    """A body that cannot be read, or has a field that is not taken; `problem` says what is wrong with it."""
    return _answer(400, api, _INVALID, f"This request cannot be read: {problem}.")


def too_large(api: str, most_bytes: int) -> Answer:
    """A body beyond the limit."""
    return _answer(413, api, _TOO_LARGE, f"The body of a request may have {most_bytes:,} bytes.")


def too_slow(api: str) -> Answer:
    """A body that does not come."""
    return _answer(408, api, _TOO_SLOW, "The body of this request has not come in time.")


def not_passed_on() -> Answer:
    """A path that is none of either interface."""
    return _answer(404, "", _NOT_FOUND, "There is nothing at this path.")


def upstream_away(api: str, late: bool = False) -> Answer:
    """The model's server cannot be reached, or is `late`."""
    if late:
        return _answer(504, api, _LATE, "The model did not answer in time.")
    return _answer(502, api, _AWAY, "The model cannot be reached.")


def _later(api: str, kind: _Kind, told: str, decision: str, seconds: float) -> Answer:
    """Whole seconds, rounded up, as the standard has them; both clients read milliseconds where they are given."""
    wait = max(math.ceil(seconds), 1)
    headers = ("retry-after", str(wait)), ("retry-after-ms", str(max(math.ceil(seconds * 1_000), 1)))
    return _answer(429, api, kind, f"{told} Try again in {wait:,} s", decision, headers)


def _answer(
    status: int, api: str, kind: _Kind, told: str, decision: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    said: dict[str, Any]
    if api == ANTHROPIC:
        said = {"type": "error", "error": {"type": kind.anthropic, "message": told}, "request_id": decision or None}
    else:
        said = {"error": {"message": told, "type": kind.type, "param": None, "code": kind.code}}
    body = orjson.dumps(said)
    number = ((DECISION_HEADER, decision),) if decision else ()
    return Answer(
        status,
        (("content-type", "application/json"), ("content-length", str(len(body))), *number, *headers),
        body,
    )
