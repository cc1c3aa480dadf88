"""Values: who holds which, when a crowd makes one worthless, and what the provider's own evidence adds."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch import tables
from stillwatch.links import ALL, values
from stillwatch.links.given import CROWD, TOGETHER, TOGETHER_SECONDS

PAYMENT = next(tie for tie in ALL if tie.kind == "shared_payment")


def weighed(engine: Any, kind: str, **holders: list[str]) -> dict[str, dict[str, Any]]:
    rows = [{"account_id": one, "kind": kind, "value": value} for value, held in holders.items() for one in held]
    made = values.shared_values(engine.given(tables.ACCOUNT_VALUES, *rows), values.parameters(ALL))
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


def held_of(engine: Any, *rows: tuple[str, str, str | None]) -> list[tuple[str, str, str]]:
    evidence = engine.given(
        tables.LOG_EVIDENCE,
        *({"account_id": one, "kind": "wallet", "value": value, "timestamp": at} for one, value, at in rows),
    )
    return [(row["account_id"], row["kind"], row["value"]) for row in engine.collect(values.given_values(evidence))]


def test_evidence_is_taken_as_it_is_given(engine: Any) -> None:
    assert held_of(engine, ("a", "w", None), ("a", "w", None), ("b", "w", None)) == [
        ("a", "wallet", "w"), ("b", "wallet", "w"),
    ]  # fmt: skip


def test_use_at_one_time_counts_a_second_time(engine: Any) -> None:
    assert TOGETHER_SECONDS == 600, "the times below are told for ten minutes"
    found = held_of(
        engine, ("a", "w", "2026-02-02 09:01"), ("b", "w", "2026-02-02 09:08"), ("c", "w", "2026-02-02 15:00")
    )
    at = {one: value for one, kind, value in found if kind == "wallet" + TOGETHER}
    assert at["a"] == at["b"] != at["c"]
    assert {one for one, kind, _ in found if kind == "wallet"} == {"a", "b", "c"}


@pytest.mark.parametrize("kind, family", [("wallet", "other"), ("wallet" + TOGETHER, "timing")])
def test_evidence_kinds_learn_their_limits(engine: Any, kind: str, family: str) -> None:
    evidence = engine.given(
        tables.LOG_EVIDENCE,
        {"account_id": "a", "kind": "wallet", "value": "w", "timestamp": "2026-02-02 09:01"},
    )
    (row,) = [row for row in engine.collect(values.given_parameters(evidence)) if row["kind"] == kind]
    assert (row["family"], row["crowd"]) == (family, CROWD)
