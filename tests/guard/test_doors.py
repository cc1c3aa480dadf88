"""Doors: whether a request that others carry may pass, asked as they ask; real gateways are in test_gateways.py."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from guard_files import acting

ASKED = [{"role": "user", "content": "What is the answer?"}]
BODY = orjson.dumps({"model": "m", "messages": ASKED})


def ask(address: str, method: str = "POST", body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async def once() -> tuple[int, bytes, dict[str, str]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, address, data=body, headers=named) as answer,
        ):
            return answer.status, await answer.read(), {name.lower(): value for name, value in answer.headers.items()}

    return asyncio.run(once())


CHAT = "/v1/chat/completions"


def test_each_way_in(place: Any) -> None:
    placed = place(acting(when='account.verdict == "campaign" && request.endpoint == "chat"'))
    for key, status in (("sk-campaign", 403), ("sk-honest", 200), ("sk-nobody", 200)):
        bearer = f"Bearer {key}"
        found, text, _ = ask(f"{placed.inside}/ext_authz{CHAT}", body=BODY, authorization=bearer)
        assert found == status and (b"https://example.com/appeal" in text) is (status == 403)
        for path, true, invented in (("/auth", "original", "forwarded"), ("/auth/forwarded", "forwarded", "original")):
            named = {f"x_{true}_uri": CHAT, f"x_{invented}_uri": "/v1/models", "authorization": bearer}
            assert ask(placed.inside + path, "GET", **named)[0] == status, "each is believed its own header alone"
    for written in (f"{CHAT}?x=1", f"{CHAT}#x", f"{CHAT}?#", "/v1/chat%2fcompletion%73", f"//host{CHAT}/"):
        answer = ask(f"{placed.inside}/auth", "GET", x_original_uri=written, authorization="Bearer sk-campaign")
        assert answer[0] == 403, f"{written} is the same path to the model's server"
    assert placed.upstream.asked == [], "a door asks no model"
    rows = placed.rows("decisions", wanted=8)
    assert {(row["account_id"], row["campaign_id"], row["exchange_id"]) for row in rows} == {("campaign", "C-1", "")}
    assert rows[0]["facts"] == {"account.verdict": "campaign", "request.endpoint": "chat"}, "for an appeal"


def test_what_is_not_shown_is_not_known_and_hides_nobody(place: Any, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[guard]\nmax_body_mib = 1\n")
    rules = [
        acting(when='account.id == "campaign"'),
        acting(id="m", when='account.id == "other" && request.model == "m"'),
    ]
    placed = place(*rules, options=("--config", tmp_path / "settings.toml"))
    door = f"{placed.inside}/ext_authz{CHAT}"
    for body in (b"", BODY[:20], b"x" * (2 << 20)):
        assert ask(door, body=body, authorization="Bearer sk-campaign")[0] == 403
        assert ask(door, body=body, authorization="Bearer sk-other")[0] == 200
    assert ask(door, body=BODY, authorization="Bearer sk-other")[0] == 403


def test_rates_hold_at_a_door(place: Any) -> None:
    placed = place(acting(do={"slow_down": {"per_minute": 0.1}}))
    door = f"{placed.inside}/ext_authz/v1/messages"
    statuses = [ask(door, body=BODY, authorization="Bearer sk-campaign") for _ in range(2)]
    assert [one[0] for one in statuses] == [200, 429] and int(statuses[1][2]["retry-after"]) > 60


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ({"input_type": "request", "request_data": {"user_api_key_user_id": "campaign"}}, "BLOCKED"),
        ({"input_type": "request", "request_data": {"user_api_key_user_id": "honest"}}, "NONE"),
        ({"input_type": "response", "request_data": {"user_api_key_user_id": "campaign"}}, "NONE"),
        ({"input_type": "request", "request_data": {}}, "NONE"),
        ({}, "NONE"),
    ],
)
def test_litellms_generic_guardrail_api(place: Any, data: dict[str, Any], action: str) -> None:
    placed = place(acting())
    given = orjson.dumps({"model": "m", "structured_messages": ASKED, "texts": ["x"], **data})
    status, text, _ = ask(f"{placed.inside}/beta/litellm_basic_guardrail_api", body=given)
    told = orjson.loads(text)
    assert (status, told["action"]) == (200, action)
    assert ("https://example.com/appeal" in told.get("blocked_reason", "")) is (action == "BLOCKED")
