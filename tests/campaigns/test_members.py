"""What each account of a cluster did there: ties, meetings, sign-ups, harvest, history."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.config import Standing

BOTH = pytest.mark.engines("duckdb", "spark")
pytestmark = pytest.mark.engines("duckdb")  # a plan of this size takes Spark seconds: BOTH show that it says the same

MEMBERS = [{"account_id": one, "cluster_id": "G-1", "cluster_accounts": 3, "partners": 2} for one in "abc"]


def use(number: int, account: str, template: str | None = None, **rest: Any) -> dict[str, Any]:
    base = {"capability": 0, "elicitation": 0, "has_tools": False, "timestamp": f"2026-02-02 09:{number:02}"}
    return {**base, "exchange_id": f"x{number}", "account_id": account, "template_id": template, **rest}


def described(engine: Any, **rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    people = [{"account_id": one, "exchanges": 9, "created_at": "2026-02-01 09:00"} for one in "abc"]
    made = engine.stage("members", **{"candidates": MEMBERS, "accounts": people, **rows})
    return {row["account_id"]: row for row in made}


def tie(a: str, b: str, kind: str, family: str) -> dict[str, Any]:
    return {"account_a": a, "account_b": b, "kind": kind, "family": family, "weight": 5.0, "values": 1}


@BOTH
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
    assert [[found[one][f"{kind}_ties"] for kind in ("identity", "timing")] for one in "abc"] == [
        [1, 0],
        [1, 1],
        [0, 1],
    ]


@BOTH
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
    links = [tie("a", "c", "shared_payment", "identity"), tie("b", "c", "lockstep", "timing")]
    taken = [
        {"exchange_id": "e-1", "account_id": "b", "cluster_id": "G-1", "timestamp": "2026-02-02 09:00", "framed": True}
    ]
    found = described(engine, links=links, harvest=taken)
    assert [found[one]["identity_ties"] for one in "abc"] == [0, 0, 0]
    assert [found[one]["timing_ties"] for one in "abc"] == [0, 0, 1]


def values(kind: str, family: str, population: int, **held: str) -> dict[str, list[dict[str, Any]]]:
    """value → its holders, a letter each; a digit is that many more outsiders."""
    rows = [
        {"account_id": one, "kind": kind, "value": value} for value, who in held.items() for one in who if one.isalpha()
    ]
    counted = {value: sum(1 if one.isalpha() else int(one) for one in who) for value, who in held.items()}
    shared = [
        {"kind": kind, "value": value, "family": family, "accounts": n, "population": population, "crowded": n > 9,
         "bits": 0.0}
        for value, n in counted.items() if n > 1
    ]  # fmt: skip
    return {"account_values": rows, "shared_values": shared}


@BOTH
def test_whom_a_member_met_on_its_addresses(engine: Any) -> None:
    """On a proxy a and b meet twice; at an exit c meets a among seven strangers; a crowd and a lone value are nobody's."""
    met = values("shared_address", "network", 100, monday="ab", tuesday="ab", exit="ac7", crowd="abc9", alone="c")
    found = described(engine, **met)
    assert [(found[one]["met_members"], found[one]["met_others"]) for one in "abc"] == [(3, 7), (2, 0), (1, 7)]


@BOTH
@pytest.mark.parametrize(
    ("outsiders", "told"),
    [("", "much"), ("9", "something"), ("99999", "nothing")],
    ids=["quiet", "busy", "a launch day"],
)
def test_who_signed_up_with_other_members(engine: Any, outsiders: str, told: str) -> None:
    found = described(engine, **values("signup_moment", "arrival", 100, nine="ab" + outsiders, ten="c"))
    assert [found[one]["arrival_ties"] for one in "abc"] == [1, 1, 0]
    assert found["c"]["arrival_bits"] == 0.0
    bits = found["a"]["arrival_bits"]
    assert bits == found["b"]["arrival_bits"]
    assert {
        "much": bits == Standing().arrival_cap,
        "something": 0 < bits <= Standing().arrival_cap,
        "nothing": bits < 1,
    }[told]


@pytest.mark.parametrize(
    ("held", "told"),
    [("abcdef1", "much"), ("abcdef9", "something"), ("ab6", "nothing"), ("ab98", "nothing")],
    ids=["a batch", "a batch among others", "one member in four", "one in nine"],
)
def test_half_hours_of_a_network_of_a_quarter_of_all_accounts(engine: Any, held: str, told: str) -> None:
    """What its batches say is not lent to who signed up in the half hour of one member of it."""
    network = [{"account_id": one, "cluster_id": "G-1", "cluster_accounts": 25, "partners": 2} for one in "abcdefxyz"]
    people = [{"account_id": one, "exchanges": 9, "created_at": "2026-02-01 09:00"} for one in "abcdefxyz"]
    moments = values("signup_moment", "arrival", 100, seen=held, other="xyz")
    made = engine.stage("members", candidates=network, accounts=people, **moments)
    bits = next(row["arrival_bits"] for row in made if row["account_id"] == "a")
    assert {"much": bits == Standing().arrival_cap, "something": 0.5 < bits < 2.0, "nothing": bits < 0.1}[told]


def test_of_how_many_templates_a_member_makes_use(engine: Any) -> None:
    """a and b are dealt of all ten templates; c sends as much as either, of one."""
    made = [("a", f"T{n}", 4) for n in range(10)] + [("b", f"T{n}", 4) for n in range(10)] + [("c", "T0", 40)]
    found = described(
        engine,
        account_templates=[
            {"account_id": one, "field": "prompt", "template_id": name, "exchanges": n} for one, name, n in made
        ],
        own_templates=[
            {"cluster_id": "G-1", "field": "prompt", "template_id": f"T{n}", "share": 1.0} for n in range(10)
        ],
    )
    assert [found[one]["own_kinds"] for one in "abc"] == [10, 10, 1]
    assert found["a"]["expected_kinds"] == found["c"]["expected_kinds"] == pytest.approx(9.7, abs=0.3)
