"""Who took the place of whom, what both share, and how many stand by."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch import tables
from stillwatch.campaigns.successors import _pool, successor_evidence, successors, turnover

CLUSTER = {"cluster_id": "G-1", "cluster_accounts": 40, "partners": 2}
TOTALS = [{"cluster_id": "G-1", "first_seen": "2026-02-01 00:00", "last_seen": "2026-02-28 00:00"}]


def life(account: str, began: str | None = "2026-02-01 06:00", **rest: Any) -> dict[str, Any]:
    base = {"cluster_id": "G-1", "ended": "2026-02-27 12:00", "days": 26, "tied_at_signup": False}
    return {**base, "account_id": account, "created_at": "2026-01-10 00:00", "began": began, **rest}


CREW = [life(f"crew{number}") for number in range(20)]
GONE = life("gone", banned_at="2026-02-10 09:00", ended="2026-02-10 08:00", days=10)
HEIR = life("heir", "2026-02-10 12:00", created_at="2026-02-10 11:30", days=17)


def found(
    arrow: Any, *lives: dict[str, Any], stage: Any = successors, **rest: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    given = {"lives": [*CREW, *lives], "cluster_totals": TOTALS, "inherited": rest.get("inherited", [])}
    declared = {"lives": tables.LIVES, "cluster_totals": tables.CLUSTER_TOTALS, "inherited": tables.INHERITED}
    rows: list[dict[str, Any]] = stage(
        {name: arrow(declared[name], *rows) for name, rows in given.items()}, 1
    ).to_pylist()
    return rows


def test_a_start_soon_after_a_ban_is_its_successor(arrow: Any) -> None:
    (row,) = found(arrow, GONE, HEIR)
    assert (row["banned_account"], row["account"], row["hours"], row["waited_hours"]) == ("gone", "heir", 3.0, 0.5)
    assert row["likelihood"] > 0.5


@pytest.mark.parametrize(
    "lives",
    [
        [GONE],
        [HEIR],
        [GONE, life("heir", "2026-02-20 12:00", created_at="2026-02-20 11:30")],
        [GONE, life("slow", "2026-02-10 12:00", days=3)],
        [life("gone", None, banned_at="2026-02-10 09:00"), HEIR],
        [life("odd", "2026-02-10 12:00", banned_at="2026-02-10 09:00", days=17)],
    ],
    ids=[
        "nobody began",
        "nobody was banned",
        "ten days later",
        "it only speaks now and then",
        "it never spoke",
        "it began after its own ban",
    ],
)
def test_who_is_no_successor(arrow: Any, lives: list[dict[str, Any]]) -> None:
    assert found(arrow, *lives) == []


def test_of_two_bans_the_one_whose_things_it_has(arrow: Any) -> None:
    gone = [
        life(name, banned_at=at, ended=at, days=10)
        for name, at in (("a", "2026-02-10 04:00"), ("b", "2026-02-10 09:00"))
    ]
    shared = [
        {"cluster_id": "G-1", "banned_account": "a", "account": "heir", "kind": kind, "bits": 4.0}
        for kind in ("shared_payment", "address")
    ]
    (row,) = found(arrow, *gone, HEIR, inherited=shared)
    assert (row["banned_account"], row["shared"]) == ("a", "address, shared_payment")
    assert row["of_this"] > 0.5
    (row,) = found(arrow, *gone, HEIR)
    assert row["banned_account"] == "b" and row["of_this"] < row["likelihood"], "nothing tells them apart but the time"


def test_turnover(arrow: Any) -> None:
    spares = [life(f"spare{n}", None, days=0) for n in range(6)]
    later = [life(f"heir{n}", f"2026-02-{11 + n} 02:00", days=15, tied_at_signup=n < 3) for n in range(4)]
    bans = [life(f"gone{n}", banned_at=f"2026-02-{10 + n} 23:00", days=9) for n in range(4)]
    (row,) = found(arrow, *spares, *later, *bans, stage=turnover)
    assert (row["bans"], row["starts"], row["silent"], row["stood_by"], row["stood_by_tied"]) == (4, 4, 6, 4, 3)
    assert 2.5 < row["replaced"] <= 4.0 and row["p_value"] <= 0.05
    assert row["pool"] == 6 * 5 / 4 and row["pool_low"] < 6 / 0.75 < row["pool_high"]


def test_no_turnover_where_nothing_was_banned(arrow: Any) -> None:
    assert found(arrow, HEIR, stage=turnover) == []


@pytest.mark.parametrize(
    ("silent", "tied", "stood_by", "pool", "bounded"),
    [(6, 0, 0, None, False), (6, 0, 4, 30.0, False), (6, 4, 4, 6.0, True), (0, 2, 4, 0.0, True)],
    ids=["none ever began", "none was tied", "all were tied", "none is silent"],
)
def test_the_pool(silent: int, tied: int, stood_by: int, pool: float | None, bounded: bool) -> None:
    made = _pool(silent, tied, stood_by)
    assert made["pool"] == pool and (made["pool_high"] is not None) == bounded


def test_when_a_life_began(engine: Any) -> None:
    """With the first harvest where there is one; a tie counts that needs no traffic."""
    who = [{"account_id": one, **CLUSTER} for one in "abc"]
    people = [
        {"account_id": one, "created_at": "2026-01-01 00:00", "first_seen": "2026-02-02 00:00" if one != "c" else None,
         "last_seen": "2026-02-20 00:00" if one != "c" else None, "days": 9 if one != "c" else 0, "exchanges": 9,
         "banned_at": "2026-02-21 00:00" if one == "b" else None}
        for one in "abc"
    ]  # fmt: skip
    taken = [
        {"exchange_id": f"x{day}", "account_id": "a", "cluster_id": "G-1", "timestamp": f"2026-02-{day} 10:00",
         "framed": framed}
        for day, framed in ((10, False), (11, True), (12, True))
    ]  # fmt: skip
    pairs = [
        {"account_a": a, "account_b": b, "kind": kind, "family": "", "weight": 1.0, "values": 1}
        for a, b, kind in (("a", "c", "shared_payment"), ("a", "b", "shared_address"), ("b", "z", "shared_payment"))
    ]
    made = {
        row["account_id"]: row
        for row in engine.stage("lives", candidates=who, accounts=people, harvest=taken, links=pairs)
    }
    assert [made[one]["began"] and f"{made[one]['began']:%d %H}" for one in "abc"] == ["11 10", "02 00", None]
    assert [made[one]["days"] for one in "abc"] == [2, 9, 0]
    assert [made[one]["tied_at_signup"] for one in "abc"] == [True, False, True]


def test_what_is_inherited(engine: Any) -> None:
    lives = [*CREW, GONE, HEIR, life("late", "2026-02-14 12:00")]
    values = [
        {"account_id": one, "kind": "shared_payment", "value": "card"} for one in ("gone", "heir", "late")
    ] + [{"account_id": one, "kind": "shared_device", "value": "crowd"} for one in ("gone", "heir")]  # fmt: skip
    known = [
        {
            "kind": kind,
            "value": value,
            "family": "identity",
            "accounts": 3,
            "population": 99,
            "bits": 5.0,
            "crowded": crowded,
        }
        for kind, value, crowded in (("shared_payment", "card", False), ("shared_device", "crowd", True))
    ]
    sent = {"capability": 0, "elicitation": 0, "has_tools": False}
    uses = [
        {**sent, "exchange_id": f"x{n}", "account_id": one, "timestamp": f"2026-02-{10 + n} 10:00", "address": "proxy"}
        for n, one in enumerate(("gone", "heir"))
    ]
    templates = [
        {"account_id": one["account_id"], "field": "prompt", "template_id": "T", "exchanges": 1,
         "first_seen": "2026-02-09 10:00", "last_seen": "2026-02-09 10:00"}
        for one in lives
    ]  # fmt: skip
    few = engine.stage(
        "held", lives=lives, account_values=values, shared_values=known, uses=uses, account_templates=templates
    )
    made = engine.stage("inherited", lives=lives, held=few)
    told = sorted((row["banned_account"], row["account"], row["kind"], round(row["bits"], 2)) for row in made)
    # 23 members; a card of three of them, an address of two. What a crowd or everybody has tells nothing.
    assert told == [("gone", "heir", "address", 3.52), ("gone", "heir", "shared_payment", 2.94)]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"hours": 3.21, "shared": "", "waited_hours": 1.0}, "began 3.2 hours after the ban"),
        ({"hours": 1.0, "shared": "", "waited_hours": None}, "began 1.0 hours after the ban"),
        (
            {"hours": 1.0, "shared": "address, shared_payment", "waited_hours": 30.0},
            "began 1.0 hours after the ban; shares with it what few members share: address, shared payment; "
            "had signed up 30 hours earlier",
        ),
        (
            {"hours": 1.0, "shared": "", "waited_hours": 300.0},
            "began 1.0 hours after the ban; had signed up 12 days earlier",
        ),
    ],
)
def test_in_words(row: dict[str, Any], text: str) -> None:
    assert successor_evidence(row) == text
