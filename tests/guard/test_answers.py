"""What a customer is told: enough to go on, and nothing of what was found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import orjson
import pytest
from guard_here import HARVESTER, decided, facts, policy, rule

from stillwatch.guard import answers
from stillwatch.guard.actions import Hold, Refuse, RequireVerification
from stillwatch.guard.answers import Answer

APPEAL, PROVE = "https://example.com/appeal", "https://example.com/prove"
ALL = [
    ("refuse", lambda api: answers.in_place(Refuse(), api, "D-1", APPEAL), 403, "PermissionDeniedError"),
    ("hold", lambda api: answers.in_place(Hold(), api, "D-1", APPEAL), 403, "PermissionDeniedError"),
    (
        "prove", lambda api: answers.in_place(RequireVerification("phone"), api, "D-1", APPEAL, PROVE), 403,
        "PermissionDeniedError",
    ),
    ("slow", lambda api: answers.slowed_down(api, "D-1", 0.25), 429, "RateLimitError"),
    ("used up", lambda api: answers.used_up(api, "D-1", 3_600), 429, "RateLimitError"),
    ("malformed", lambda api: answers.malformed(api, "the body is not JSON"), 400, "BadRequestError"),
    ("large", lambda api: answers.too_large(api, 1_000_000), 413, "APIStatusError"),
    ("away", lambda api: answers.upstream_away(api), 502, "InternalServerError"),
    ("late", lambda api: answers.upstream_away(api, late=True), 504, "InternalServerError"),
]  # fmt: skip

SHAPES = {"openai": {"error"}, "anthropic": {"type", "error", "request_id"}}


def message(answer: Answer) -> str:
    said = orjson.loads(answer.body)
    return str(said["error"]["message"])


@pytest.mark.parametrize(("name", "made", "status", "kind"), ALL)
def test_clients_understand_them(name: str, made: Any, status: int, kind: str) -> None:
    for api, library in (("openai", openai), ("anthropic", anthropic)):
        answer = made(api)
        with pytest.raises(getattr(library, kind)) as told:
            asks(api, answering(answer))
        said = told.value.body["error"] if api == "anthropic" else told.value.body
        assert (told.value.status_code, answer.status, said["message"]) == (status, status, message(answer))
        assert orjson.loads(answer.body).keys() == SHAPES[api]
        assert said["type"] and (api == "anthropic" or said["code"])
        assert int(dict(answer.headers)["content-length"]) == len(answer.body)


def answering(answer: Answer) -> httpx2.Client:
    """A client of whatever server, that always gets this answer."""
    found = httpx2.Response(answer.status, headers=list(answer.headers), content=answer.body)
    return httpx2.Client(transport=httpx2.MockTransport(lambda request: found))


def asks(api: str, client: httpx2.Client) -> None:
    settings: Any = {"api_key": "k", "base_url": "http://x", "max_retries": 0, "http_client": client}
    if api == "openai":
        openai.OpenAI(**settings).chat.completions.create(model="m", messages=[])
    else:
        anthropic.Anthropic(**settings).messages.create(model="m", messages=[], max_tokens=1)


def test_what_can_be_done_is_said() -> None:
    for make in (Refuse(), Hold(), RequireVerification("phone")):
        answer = answers.in_place(make, "openai", "D-1", APPEAL, PROVE)
        assert "D-1" in message(answer) and APPEAL in message(answer)
        assert dict(answer.headers)["x-decision-id"] == "D-1"
    assert "a phone number at https://example.com/prove" in message(answer)


@pytest.mark.parametrize(
    ("seconds", "whole", "milliseconds"),
    [(0.25, "1", "250"), (0, "1", "1"), (1.2, "2", "1200"), (3_600, "3600", "3600000")],
)
def test_when_to_come_again(seconds: float, whole: str, milliseconds: str) -> None:
    for make in (answers.slowed_down, answers.used_up):
        headers = dict(make("openai", "D-1", seconds).headers)
        assert (headers["retry-after"], headers["retry-after-ms"]) == (whole, milliseconds)


SECRETS = {
    "rule": "stop-rule-7", "reason": "copies our reasoning", "owner": "trust@example.com", "campaign": "C-secret",
    "account": "acct-secret", "confidence": "0.95123",
}  # fmt: skip


@pytest.mark.parametrize("api", ["openai", "anthropic", "other"])
@pytest.mark.parametrize("action", ["refuse", "hold", {"require_verification": {"level": "identity"}}])
def test_nothing_of_what_was_found_is_told(tmp_path: Path, api: str, action: Any) -> None:
    one = rule(
        id=SECRETS["rule"], reason=SECRETS["reason"], owner=SECRETS["owner"],
        do=[action, {"token_budget": {"tokens": 1, "every": "1h", "of": "campaign"}}, {"watermark": {"key": "campaign"}}],
    )  # fmt: skip
    known = facts() | HARVESTER | {
        "account.id": SECRETS["account"], "campaign.id": SECRETS["campaign"], "campaign.confidence": 0.95123
    }  # fmt: skip
    made = policy(tmp_path, one)
    decision = decided(made, known)
    assert decision.answer and decision.budgets and decision.watermark == SECRETS["campaign"], "it is all in there"
    told = [
        answers.in_place(decision.answer, api, decision.id, made.appeal, made.verification),
        answers.slowed_down(api, decision.id, 1.0),
        answers.used_up(api, decision.id, timedelta(hours=1).total_seconds()),
    ]
    for answer in told:
        whole = repr((answer.headers, answer.body)).lower()
        assert [secret for secret in SECRETS.values() if secret.lower() in whole] == []
        assert not any(word in whole for word in ("campaign", "rule", "score", "distil", "harvest", "suspic", "abuse"))
