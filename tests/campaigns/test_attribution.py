"""Which exchanges were harvested, and what each member did beside."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.evidence import CAPABILITIES, ELICITATIONS

CODING, CHAT = CAPABILITIES.index("coding"), CAPABILITIES.index("chat")
TRACE = 2 ** ELICITATIONS.index("trace_reconstruction")
MEMBERS = [{"account_id": one, "cluster_id": "G-1", "cluster_accounts": 3, "partners": 2} for one in "abc"]


def use(number: int, account: str, template: str | None = None, **rest: Any) -> dict[str, Any]:
    base = {"capability": CODING, "elicitation": 0, "has_tools": False, "timestamp": f"2026-02-02 09:{number:02}"}
    return {**base, "exchange_id": f"x{number}", "account_id": account, "template_id": template, **rest}


def harvested(engine: Any, *uses: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """exchange → its row, when G-1 has confidence 0.5, owns prompt template T to 80 percent and system template S."""
    rows = engine.stage(
        "harvest",
        uses=list(uses),
        candidates=MEMBERS,
        own_templates=[
            {"cluster_id": "G-1", "field": "prompt", "template_id": "T", "share": 0.8},
            {"cluster_id": "G-1", "field": "system", "template_id": "S", "share": 1.0},
            {"cluster_id": "G-2", "field": "prompt", "template_id": "U", "share": 1.0},
        ],
        judged=[{"cluster_id": "G-1", "confidence": 0.5}, {"cluster_id": "G-2", "confidence": 0.9}],
    )
    return {row["exchange_id"]: row for row in rows}


def test_own_templates_of_prompts_and_system_prompts(engine: Any) -> None:
    found = harvested(
        engine,
        use(1, "a", "T"),
        use(2, "b", None, system_template_id="S"),
        use(3, "c", "U"),  # another cluster's
        use(4, "c", "V"),  # nobody's own
        use(5, "stranger", "T"),
        use(6, "c", system_template_id="T"),  # the same name in the other field
    )
    assert set(found) == {"x1", "x2"}
    assert (found["x1"]["purity"], found["x1"]["score"]) == (pytest.approx(0.8), pytest.approx(0.4))
    assert (found["x2"]["purity"], found["x2"]["capability"]) == (1.0, "coding")


def test_reconstructed_traces_count_without_a_template(engine: Any) -> None:
    found = harvested(engine, use(1, "a", elicitation=TRACE), use(2, "a", elicitation=TRACE - 1))
    assert set(found) == {"x1"} and 0.5 < found["x1"]["purity"] < 1


def described(engine: Any, **rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    people = [{"account_id": one, "exchanges": 9, "created_at": "2026-02-01 09:00"} for one in "abc"]
    made = engine.stage("members", **{"candidates": MEMBERS, "accounts": people, **rows})
    return {row["account_id"]: row for row in made}


def tie(a: str, b: str, kind: str, family: str) -> dict[str, Any]:
    return {"account_a": a, "account_b": b, "kind": kind, "family": family, "weight": 5.0, "values": 1}


def test_ties_are_counted_by_partner_and_family(engine: Any) -> None:
    links = [
        tie("a", "b", "shared_payment", "identity"),
        tie("a", "b", "shared_device", "identity"),
        tie("a", "c", "shared_address", "network"),
        tie("b", "c", "lockstep", "timing"),
        tie("a", "stranger", "shared_payment", "identity"),
    ]
    found = described(engine, links=links)
    assert found["a"]["kinds"] == "shared_address, shared_device, shared_payment"
    ties = [[found[one][f"{kind}_ties"] for kind in ("identity", "network", "timing")] for one in "abc"]
    assert ties == [[1, 1, 0], [1, 0, 1], [0, 1, 1]]


def test_what_it_did_before_and_from_where(engine: Any) -> None:
    uses = [
        use(1, "a", prefix="home"),
        use(2, "a", prefix="home"),
        use(3, "a", "T", prefix="proxy"),
        use(4, "a", prefix="home"),
        use(5, "b", "T", prefix="proxy"),
        use(6, "b", prefix="proxy"),
    ]
    taken = [
        {"exchange_id": one["exchange_id"], "account_id": one["account_id"], "cluster_id": "G-1",
         "timestamp": one["timestamp"], "prefix": one["prefix"], "framed": True}
        for one in uses if one["template_id"]
    ]  # fmt: skip
    found = described(engine, uses=uses, harvest=taken)
    assert [found["a"][name] for name in ("harvested", "own_before", "common_prefixes")] == [1, 2, 0]
    assert [found["b"][name] for name in ("harvested", "own_before", "common_prefixes")] == [1, 0, 1]
    assert [found["c"][name] for name in ("harvested", "own_before", "common_prefixes")] == [0, 0, 0]
    assert found["a"]["age_days"] == pytest.approx(1.0, abs=0.01) and found["c"]["age_days"] is None


def test_a_bystanders_own_family_is_no_tie(engine: Any) -> None:
    """b harvests, a and c do not: what a and c share with each other ties neither to the campaign."""
    links = [tie("a", "c", "shared_payment", "identity"), tie("b", "c", "shared_address", "network")]
    taken = [
        {"exchange_id": "e-1", "account_id": "b", "cluster_id": "G-1", "timestamp": "2026-02-02 09:00", "framed": True}
    ]
    found = described(engine, links=links, harvest=taken)
    assert [found[one]["identity_ties"] for one in "abc"] == [0, 0, 0]
    assert [found[one]["network_ties"] for one in "abc"] == [0, 0, 1]
