"""Accounts that show an indicator of somebody else's, and who the indicators point to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from stillwatch.indicators import AT_MOST, HALF, attribution

Rows = list[dict[str, Any]]


def matched(engine: Any, indicators: Rows, **shown: Rows) -> list[tuple[str, str, str]]:
    rows = engine.stage("indicator_matches", indicators=indicators, **shown)
    return sorted((row["account_id"], row["type"], row["value"]) for row in rows)


@pytest.mark.parametrize(
    ("kind", "table", "column"),
    [
        ("ipv4-addr", "uses", "address"),
        ("ipv6-addr", "uses", "address"),
        ("ipv4-addr", "registered", "signup_address"),
        ("ipv6-addr", "registered", "signup_address"),
        ("payment", "registered", "payment_fingerprint"),
        ("device", "registered", "device_fingerprint"),
        ("phone", "registered", "phone"),
        ("email-addr", "registered", "email"),
        ("domain-name", "registered", "email_domain"),
        ("tls", "uses", "tls_fingerprint"),
        ("template", "account_templates", "template_id"),
    ],
)
def test_matches(engine: Any, kind: str, table: str, column: str) -> None:
    """`a` shows the value, `b` another, `c` none; the same value of another kind is another thing."""
    rows = [{"account_id": account, column: value} for account, value in (("a", "v"), ("b", "w"), ("c", None))]
    indicators = [{"type": kind, "value": "v"}, {"type": "file", "value": "v"}, {"type": kind, "value": "unseen"}]
    assert matched(engine, indicators, **{table: rows}) == [("a", kind, "v")]


def test_a_value_shown_often_matches_once(engine: Any) -> None:
    uses = [{"exchange_id": f"x{n}", "account_id": "a", "address": "v"} for n in range(3)]
    signed = [{"account_id": "a", "signup_address": "v"}]
    found = matched(engine, [{"type": "ipv4-addr", "value": "v"}], uses=uses, registered=signed)
    assert found == [("a", "ipv4-addr", "v")]


def test_a_match_says_who_told_us(engine: Any) -> None:
    told = {"actor": "X", "confidence": 80, "source": "a peer", "tlp": "TLP:AMBER"}
    (row,) = engine.stage(
        "indicator_matches",
        indicators=[{"type": "tls", "value": "v", **told}],
        uses=[{"exchange_id": "x", "account_id": "a", "tls_fingerprint": "v"}],
    )
    assert {name: row[name] for name in told} == told


def inert(engine: Any, accounts: int, declared: Sequence[dict[str, Any]] = (), **told: Any) -> set[bool]:
    signed = [{"account_id": f"a{n}", "email_domain": "v", "organization_id": f"o{n}"} for n in range(accounts)]
    indicators = [{"type": "domain-name", "value": "v", **told}]
    rows = engine.stage("indicator_matches", indicators=indicators, registered=signed, declared=list(declared))
    assert len(rows) == accounts and {row["accounts"] for row in rows} == {accounts}
    return {row["inert"] for row in rows}


def test_what_a_crowd_shows_counts_for_nothing(engine: Any) -> None:
    assert (inert(engine, 200), inert(engine, 201)) == ({False}, {True})


def test_what_a_declared_organisation_shows_counts_for_nothing(engine: Any) -> None:
    assert inert(engine, 3, [{"kind": "organization", "id": "o1"}]) == {True}
    assert inert(engine, 3, [{"kind": "evaluation", "id": "o1"}, {"kind": "organization", "id": "other"}]) == {False}


def test_accounts_of_one_finding_are_tied(engine: Any) -> None:
    """`a` and `b` show different values of one finding; what is unsure, of no finding, or a crowd's ties nobody."""
    of = {"campaign": "p: c1", "confidence": 60, "inert": False, "type": "tls", "accounts": 1}
    matches = [
        {**of, "account_id": "a", "value": "v"}, {**of, "account_id": "b", "value": "w"},
        {**of, "account_id": "a", "value": "w"},
        {**of, "account_id": "c", "value": "x", "confidence": 49}, {**of, "account_id": "d", "value": "y", "campaign": None},
        {**of, "account_id": "e", "value": "z", "inert": True},
    ]  # fmt: skip
    accounts = [{"account_id": one} for one in "abcdef"]
    held = engine.stage("account_values", indicator_matches=matches, accounts=accounts)
    found = {(row["account_id"], row["value"]) for row in held if row["kind"] == "shared_indicator"}
    assert {account for account, value in found if value == "finding p: c1"} == {"a", "b"}
    assert len(found) == 2 + len(accounts)


def match(value: str, confidence: int | None, actor: str | None = "X", source: str | None = "s") -> dict[str, Any]:
    return {"type": "tls", "value": value, "actor": actor, "confidence": confidence, "source": source}


@pytest.mark.parametrize(
    ("matches", "confidence"),
    [
        ([match("v", 80)], 0.8 * HALF),
        ([match("v", 80), match("w", 40)], 1 - (1 - 0.8 * HALF) * (1 - 0.4 * HALF)),
        ([match("v", 80)] * 5, 0.8 * HALF),
        ([match("v", None)], 0.0),
        ([match(f"v{n}", 100) for n in range(20)], AT_MOST),
    ],
    ids=["half trusted", "two add up", "many accounts show one indicator", "no confidence stated", "capped"],
)
def test_how_sure(matches: Rows, confidence: float) -> None:
    (found,) = attribution(matches)
    assert found["actor"] == "X" and found["confidence"] == pytest.approx(confidence)


def test_one_origin_is_one_witness_however_much_it_tells_of() -> None:
    def told(value: str, origin: str, trust: float) -> dict[str, Any]:
        return {**match(value, 100, "X", origin), "origin": origin, "trust": trust, "inert": False}

    (many,) = attribution([told(f"v{n}", "a", 0.6) for n in range(20)])
    (two,) = attribution([*(told(f"v{n}", "a", 0.6) for n in range(20)), told("v", "b", 0.8)])
    assert many["confidence"] == pytest.approx(0.6) and two["confidence"] == pytest.approx(1 - 0.4 * (1 - HALF))
    assert attribution([{**told("v", "a", 0.6), "inert": True}]) == []


def test_each_indicator_is_listed_once_and_the_surest_actor_first() -> None:
    found = attribution([match("v", 20, "Y"), match("v", 80, "X"), match("w", 80, "X"), match("v", 80, "X")])
    assert [one["actor"] for one in found] == ["X", "Y"]
    assert found[0]["indicators"] == ["tls from s: v", "tls from s: w"]


def test_nobody_named() -> None:
    (found,) = attribution([match("v", 80, None, None)])
    assert found["actor"] == "unnamed" and found["indicators"] == ["tls from an unnamed source: v"]


def test_no_match_points_to_nobody() -> None:
    assert attribution([]) == []
