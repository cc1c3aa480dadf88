"""Follow-ups: they belong to the conversation that opened with a harvested request, and to no other."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.continuation import CONTINUES

BOTH = pytest.mark.engines("duckdb", "spark")
pytestmark = pytest.mark.engines("duckdb")  # a plan of this size takes Spark seconds: BOTH show that it says the same

MEMBERS = [{"account_id": one, "cluster_id": "G-1", "cluster_accounts": 2, "partners": 1} for one in "ab"]
OWN = [{"cluster_id": "G-1", "field": "prompt", "template_id": "T", "share": 1.0}]


def turn(number: int, at: str, template: str | None = None, **rest: Any) -> dict[str, Any]:
    base = {
        "exchange_id": f"x{at}{rest.get('session_id', '')}", "account_id": "a", "timestamp": f"2026-02-02 {at}", "turn": number,
        "template_id": template, "capability": 0, "elicitation": 0, "has_tools": False,
    }  # fmt: skip
    return {**base, **rest}


def purity(engine: Any, *uses: dict[str, Any]) -> list[float]:
    """Of each exchange in order of its name, 0 for one that is not harvested."""
    followed = engine.stage("follow_ups", uses=list(uses), candidates=MEMBERS, own_templates=OWN)
    made = engine.stage(
        "harvest",
        uses=list(uses),
        candidates=MEMBERS,
        own_templates=OWN,
        follow_ups=followed,
        judged=[{"cluster_id": "G-1", "confidence": 1.0}],
    )
    found = {row["exchange_id"]: row["purity"] for row in made}
    return [found.get(one["exchange_id"], 0.0) for one in sorted(uses, key=lambda one: str(one["exchange_id"]))]


@BOTH
def test_a_session_goes_on(engine: Any) -> None:
    """Whatever comes between, and however late."""
    found = purity(
        engine,
        turn(0, "09:00", "T", session_id="s"),
        turn(0, "09:01", "U", session_id="r"),
        turn(1, "09:02", session_id="r"),
        turn(1, "11:00", session_id="s"),
    )
    assert found == [1.0, 0.0, 0.0, CONTINUES]


@pytest.mark.parametrize(
    ("follow", "told"),
    [
        (turn(1, "09:10"), CONTINUES),
        (turn(1, "09:31"), 0.0),
        (turn(1, "09:10", max_tokens=100), 0.0),
        (turn(1, "09:10", client="another"), 0.0),
        (turn(1, "09:10", account_id="b"), 0.0),
        (turn(1, "09:10", session_id="t"), 0.0),
        (turn(0, "09:10"), 0.0),
        (turn(1, "08:59"), 0.0),
    ],
    ids=[
        "soon",
        "late",
        "other parameters",
        "another client",
        "another account",
        "its own session",
        "a first turn",
        "before",
    ],
)
def test_without_a_session_the_last_first_turn_opened_it(engine: Any, follow: dict[str, Any], told: float) -> None:
    found = purity(engine, turn(0, "09:00", "T"), follow)
    assert sorted(found) == sorted([1.0, told])


@BOTH
def test_a_conversation_of_somebody_elses_comes_between(engine: Any) -> None:
    assert purity(engine, turn(0, "09:00", "T"), turn(0, "09:05", "U"), turn(1, "09:06")) == [1.0, 0.0, 0.0]
