"""Replays: tokens redeemed in another session, or by another owner, than the one they were first redeemed in."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch import tables
from stillwatch.replays import replays


def redeemed(
    account: str, minute: int, session: str | None, token: str | None = "t", organization: str | None = None
) -> dict[str, Any]:
    return {"exchange_id": f"{account}{minute}", "account_id": account, "timestamp": f"2026-02-02 09:{minute:02}",
            "session_id": session, "reasoning_signature": token, "organization_id": organization, "turn": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "uses", "counted"),
    [
        ("one session", [redeemed("a", 0, "s"), redeemed("a", 1, "s")], {}),
        ("another session", [redeemed("a", 0, "s"), redeemed("a", 1, "r"), redeemed("a", 2, "r")], {"a": 2}),
        ("sessions are not kept", [redeemed("a", 0, None), redeemed("a", 1, None)], {}),
        ("the first is not known", [redeemed("a", 0, None), redeemed("a", 1, "r")], {}),
        ("only later ones are", [redeemed("a", 0, None), redeemed("a", 1, "r"), redeemed("a", 2, "s")], {"a": 1}),
        ("the later is not known", [redeemed("a", 0, "s"), redeemed("a", 1, None)], {}),
        ("another account", [redeemed("a", 0, None), redeemed("b", 1, None), redeemed("b", 2, None)], {"b": 2}),
        ("a colleague", [redeemed("a", 0, None, "t", "org"), redeemed("b", 1, None, "t", "org")], {}),
        ("other tokens", [redeemed("a", 0, "s", "t"), redeemed("b", 1, "r", "u")], {}),
        ("no token", [redeemed("a", 0, "s", None), redeemed("b", 1, "r", None)], {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_token_that_travelled(engine: Any, told: str, uses: list[dict[str, Any]], counted: dict[str, int]) -> None:
    made = engine.made(tables.REPLAYS, replays(engine.given(tables.USES, *uses)))
    assert {row["account_id"]: row["replays"] for row in made} == counted, told
