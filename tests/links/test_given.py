"""Given kinds: a value counts by its crowd. A hub is known by strangers, whatever its size; a source by its members."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from stillwatch import tables
from stillwatch.config import Engine
from stillwatch.engines.duckdb import DuckDB
from stillwatch.links.given import LEAST_BITS, SAME_OPERATOR, UNRELATED, given_shared_values

Held = dict[str, list[str]]


def some(count: int, prefix: str = "a") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def rows(held: Held) -> list[dict[str, Any]]:
    return [{"account_id": one, "kind": "wallet", "value": value} for value, holders in held.items() for one in holders]


def weighed(engine: Any, held: Held) -> dict[str, dict[str, Any]]:
    made = given_shared_values(engine.given(tables.LOG_EVIDENCE, *rows(held)))
    return {row["value"]: row for row in engine.made(tables.SHARED_VALUES, made)}


def own(people: list[str], each: int = 4) -> Held:
    """Values of their own, so that nobody's activity differs."""
    return {f"own {one} {number}": [one] for one in people for number in range(each)}


def in_pairs(people: list[str], name: str) -> Held:
    return {f"{name} {number}": people[number : number + 2] for number in range(0, len(people), 2)}


def test_a_pair_with_nothing_else_weighs_as_its_rarity_says(engine: Any) -> None:
    found = weighed(engine, {"w": ["a", "b"], **own(some(98, "p"), 1)})
    assert set(found) == {"w"}, "a value of one account is nobody's tie"
    rarity = SAME_OPERATOR / (UNRELATED + 2 / 100)
    assert 2 ** found["w"]["bits"] == rarity
    assert (found["w"]["accounts"], found["w"]["population"], found["w"]["crowded"]) == (2, 100, False)


def test_of_two_crowds_of_one_size_the_related_one_keeps_its_weight(engine: Any) -> None:
    """Sixty accounts of one operator are tied in pairs by other wallets; sixty customers of a service to others."""
    members, customers, others = some(60, "m"), some(60, "c"), some(1_800, "o")
    held = {"source": members, "service": customers}
    for turn in range(8):
        held |= in_pairs(members[turn:] + members[:turn], f"pair {turn}")
        dealt = zip(customers, others[turn * 60 :], strict=False)
        held |= in_pairs([one for two in dealt for one in two], f"deal {turn}")
    held |= own(others)
    found = weighed(engine, held)
    assert found["source"]["bits"] > found["service"]["bits"] + 2
    assert not found["source"]["crowded"]


def test_a_hub_of_strangers_is_a_crowd_and_no_list_says_so(engine: Any) -> None:
    people = some(900)
    held = {"hub": people[:300], **own(people[300:], 5)}
    for step in (7, 11, 13, 17, 19):  # everybody shares small values with others, who are not chosen by the hub
        order = sorted(range(900), key=lambda one, step=step: (one * step) % 900)
        held |= {f"{step} {at}": [people[one] for one in order[at : at + 3]] for at in range(0, 900, 3)}
    found = weighed(engine, held)
    assert found["hub"]["crowded"] and found["hub"]["bits"] < LEAST_BITS


def test_hubs_that_many_hold_by_chance_do_not_vouch_for_each_other(engine: Any) -> None:
    """A hundred people are at all three of these hubs, as chance has it."""
    dice, people = random.Random(1), some(900)
    found = weighed(engine, {**{f"hub {number}": dice.sample(people, 400) for number in range(3)}, **own(people, 2)})
    assert all(found[f"hub {number}"]["crowded"] for number in range(3))


@settings(max_examples=15, deadline=None)
@drawn(st.integers(2, 30), st.integers(0, 12))
def test_company_never_lowers_a_weight(size: int, common: int) -> None:
    """More values that the holders share among themselves make the first one say more."""
    with TemporaryDirectory() as folder:
        inner = DuckDB(Path(folder), Engine())
        found = []
        for shared in (0, common):
            held = {"w": some(size), **own(some(300, "o"), 3)}
            held |= {f"more {number}": some(size) for number in range(shared)}
            held |= {f"less {number} {one}": [one] for number in range(common - shared) for one in some(size)}
            inner.put("evidence", pa.Table.from_pylist(rows(held), schema=tables.LOG_EVIDENCE.schema))
            inner.write("made", given_shared_values(inner.table("evidence")), tables.SHARED_VALUES.schema)
            found += [row["bits"] for row in inner.collect(inner.table("made")).to_pylist() if row["value"] == "w"]
        inner.close()
    assert found[1] >= found[0] - 1e-9
