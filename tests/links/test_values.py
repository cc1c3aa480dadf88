"""Values: who holds which, and when a crowd makes one worthless."""

from __future__ import annotations

from typing import Any

from stillwatch import tables
from stillwatch.links import ALL, values

PAYMENT = next(tie for tie in ALL if tie.kind == "shared_payment")


def weighed(engine: Any, kind: str, **holders: list[str]) -> dict[str, dict[str, Any]]:
    rows = [{"account_id": one, "kind": kind, "value": value} for value, held in holders.items() for one in held]
    made = values.own_shared_values(engine.given(tables.ACCOUNT_VALUES, *rows), ALL)
    return {row["value"]: row for row in engine.made(tables.SHARED_VALUES, made)}


def some(count: int, prefix: str = "a") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def test_rare_values_weigh_more(engine: Any) -> None:
    found = weighed(engine, PAYMENT.kind, rare=some(2), common=some(40), lone=some(1, "z"), rest=some(300, "r"))
    assert set(found) == {"rare", "common", "rest"}, "a value of one account is nobody's tie"
    assert found["rare"]["bits"] > found["common"]["bits"] > 0
    assert {row["population"] for row in found.values()} == {341}


def test_a_crowd_is_cut_at_the_ties_limit(engine: Any) -> None:
    found = weighed(engine, PAYMENT.kind, within=some(PAYMENT.crowd), beyond=some(PAYMENT.crowd + 1, "b"))
    assert (found["within"]["crowded"], found["beyond"]["crowded"]) == (False, True)


def test_what_nearly_everybody_holds_weighs_nothing(engine: Any) -> None:
    assert weighed(engine, PAYMENT.kind, house=some(90), other=some(10, "b"))["house"]["bits"] == 0


def test_values_of_ties_and_evidence_come_together(engine: Any) -> None:
    given = {
        "registered": engine.given(
            tables.REGISTERED, *({"account_id": one, "payment_fingerprint": "card"} for one in "ab")
        ),
        "evidence": engine.given(tables.LOG_EVIDENCE, {"account_id": "a", "kind": "wallet", "value": "w"}),
    }
    made = engine.made(tables.ACCOUNT_VALUES, values.account_values(given, ALL))
    assert [(row["account_id"], row["kind"]) for row in made] == [
        ("a", "shared_payment"), ("a", "wallet"), ("b", "shared_payment"),
    ]  # fmt: skip
