"""Given kinds: a value counts by its crowd. A hub is known by strangers, whatever its size; a source by its members."""

from __future__ import annotations

import math
import random
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from stillwatch import tables
from stillwatch.links.given import LEAST_BITS, MOST_VALUES, SAME_OPERATOR, UNRELATED, given_shared_values

Held = dict[str, list[str]]


def some(count: int, prefix: str = "a") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def rows(held: Held) -> list[dict[str, Any]]:
    return [{"account_id": one, "kind": "wallet", "value": value} for value, holders in held.items() for one in holders]


def weighed(held: Held) -> dict[str, dict[str, Any]]:
    made = given_shared_values(pa.Table.from_pylist(rows(held), schema=tables.LOG_EVIDENCE.schema))
    assert made.schema.equals(tables.GIVEN_SHARED_VALUES.schema)
    return {row["value"]: row for row in made.to_pylist()}


def own(people: list[str], each: int = 4) -> Held:
    """Values of their own, so that nobody's activity differs."""
    return {f"own {one} {number}": [one] for one in people for number in range(each)}


def in_pairs(people: list[str], name: str) -> Held:
    return {f"{name} {number}": people[number : number + 2] for number in range(0, len(people), 2)}


def test_a_pair_with_nothing_else_weighs_as_its_rarity_says() -> None:
    found = weighed({"w": ["a", "b"], **own(some(98, "p"), 1)})
    assert set(found) == {"w"}, "a value of one account is nobody's tie"
    rarity = SAME_OPERATOR / (UNRELATED + 2 / 100)
    assert 2 ** found["w"]["bits"] == rarity
    assert (found["w"]["accounts"], found["w"]["population"], found["w"]["crowded"]) == (2, 100, False)


def test_of_two_crowds_of_one_size_the_related_one_keeps_its_weight() -> None:
    """Sixty accounts of one operator are tied in pairs by other wallets; sixty customers of a service to others."""
    members, customers, others = some(60, "m"), some(60, "c"), some(1_800, "o")
    held = {"source": members, "service": customers}
    for turn in range(8):
        held |= in_pairs(members[turn:] + members[:turn], f"pair {turn}")
        dealt = zip(customers, others[turn * 60 :], strict=False)
        held |= in_pairs([one for two in dealt for one in two], f"deal {turn}")
    held |= own(others)
    found = weighed(held)
    assert found["source"]["bits"] > found["service"]["bits"] + 2
    assert not found["source"]["crowded"]


def test_a_hub_of_strangers_is_a_crowd_and_no_list_says_so() -> None:
    people = some(900)
    held = {"hub": people[:300], **own(people[300:], 5)}
    for step in (7, 11, 13, 17, 19):  # everybody shares small values with others, who are not chosen by the hub
        order = sorted(range(900), key=lambda one, step=step: (one * step) % 900)
        held |= {f"{step} {at}": [people[one] for one in order[at : at + 3]] for at in range(0, 900, 3)}
    found = weighed(held)
    assert found["hub"]["crowded"] and found["hub"]["bits"] < LEAST_BITS


def test_hubs_that_many_hold_by_chance_do_not_vouch_for_each_other() -> None:
    """A hundred people are at all three of these hubs, as chance has it."""
    dice, people = random.Random(1), some(900)
    found = weighed({**{f"hub {number}": dice.sample(people, 400) for number in range(3)}, **own(people, 2)})
    assert all(found[f"hub {number}"]["crowded"] for number in range(3))


@settings(max_examples=40, deadline=None)
@drawn(st.integers(2, 30), st.integers(0, 12))
def test_company_never_lowers_a_weight(size: int, common: int) -> None:
    """More values that the holders share among themselves make the first one say more."""
    found = []
    for shared in (0, common):
        held = {"w": some(size), **own(some(300, "o"), 3)}
        held |= {f"more {number}": some(size) for number in range(shared)}
        held |= {f"less {number} {one}": [one] for number in range(common - shared) for one in some(size)}
        found.append(weighed(held)["w"]["bits"])
    assert found[1] >= found[0] - 1e-9


def test_order_of_rows_changes_nothing_and_none_are_no_values() -> None:
    dice, people = random.Random(2), some(60)
    held = {f"w{number}": dice.sample(people, dice.randint(1, 9)) for number in range(200)}
    turned = {value: holders[::-1] for value, holders in reversed(held.items())}
    assert list(weighed(held).items()) == list(weighed(turned).items())
    assert weighed({}) == {}


def test_an_account_vouches_by_its_rarest_values_alone() -> None:
    """Company is what two of a value's holders share besides: counted here the long way."""
    dice, people = random.Random(3), some(40)
    held = {f"w{number}": dice.sample(people, dice.randint(2, 12)) for number in range(450)}
    rarest: dict[str, list[str]] = {one: [] for one in people}
    for value in sorted(held, key=lambda value: (len(held[value]), value)):
        for one in held[value]:
            rarest[one] = [*rarest[one], value][:MOST_VALUES]
    kept = {value: {one for one in holders if value in rarest[one]} for value, holders in held.items()}
    busy = {one: min(sum(one in holders for holders in held.values()), MOST_VALUES) - 1 for one in people}
    chance = sum(len(one) ** 2 / (len(one) - 1) for one in held.values()) / sum(1 + one for one in busy.values()) ** 2
    for value, row in weighed(held).items():
        both = {other: len(kept[value] & kept[other]) for other in held if other != value}
        seen = sum(math.comb(many, 2) / (len(held[other]) - 1) for other, many in both.items())
        expected = chance * sum(busy[a] * busy[b] for a, b in combinations(sorted(kept[value]), 2))
        rarity = SAME_OPERATOR / (UNRELATED + len(held[value]) / len(people))
        assert row["bits"] == pytest.approx(max(0.0, math.log2((rarity + seen) / (1 + expected))))


def test_a_partners_campaign_ties_whom_it_matched_and_a_large_one_hardly() -> None:
    """All that have the kind have the value: it is rare among everybody, of whom most were never asked about."""

    def bits(many: int) -> float:
        told = [{"account_id": one, "kind": "partner_match", "value": "north/2026-11/c"} for one in some(many)]
        (row,) = given_shared_values(pa.Table.from_pylist(told, schema=tables.LOG_EVIDENCE.schema)).to_pylist()
        return 0.0 if row["crowded"] else row["bits"]

    assert bits(2) == pytest.approx(math.log2(0.2 / (0.001 + 2 / 100_000)))
    assert bits(2) > bits(40) > bits(4_000) > 2 and bits(80_000) == 0.0
