"""Meetings: who uses the same values at the same times is tied through hubs too, and strangers are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.links.meetings import meetings

LINKS = Config().links
START = datetime(2026, 1, 1, tzinfo=UTC)
Use = tuple[str, str, float | None, float | None]  # account, value, hours from the start, amount


def met(
    *uses: Use, bits: dict[str, float] | None = None, kinds: Callable[[str], str] = lambda value: "wallet"
) -> list[dict[str, Any]]:
    """Meetings among these uses; values weigh `bits`, and nothing where none are given: hubs."""
    rows = [
        {"account_id": one, "kind": kinds(value), "value": value, "amount": amount,
         "timestamp": None if hour is None else START + timedelta(hours=hour)}
        for one, value, hour, amount in uses
    ]  # fmt: skip
    held: dict[str, set[str]] = {}
    for one, value, _, _ in uses:
        held.setdefault(value, set()).add(one)
    shared = [
        {"kind": kinds(value), "value": value, "family": "other", "accounts": len(who), "population": len({u[0] for u in uses}),
         "crowded": value not in (bits or {}), "bits": (bits or {}).get(value, 0.0)}
        for value, who in held.items() if len(who) > 1
    ]  # fmt: skip
    found = meetings(
        pa.Table.from_pylist(rows, schema=tables.LOG_EVIDENCE.schema),
        pa.Table.from_pylist(shared, schema=tables.SHARED_VALUES.schema),
        LINKS,
    )
    assert found.schema.equals(tables.MEETINGS.schema)
    made: list[dict[str, Any]] = found.to_pylist()
    return made


def crowd(count: int, hubs: int, seed: int = 1) -> list[Use]:
    """People who use each of some hubs once in a year, and move what they move."""
    dice = np.random.default_rng(seed)
    return [
        (f"p{number:04d}", f"hub {hub}", float(dice.random() * 8760), float(dice.lognormal()))
        for number in range(count) for hub in range(hubs)
    ]  # fmt: skip


def ring(size: int, hubs: int, gap: float, amount: float | None = None, days: float = 10) -> list[Use]:
    """One after the other to each hub, `gap` hours apart, the next hub `days` later."""
    return [
        (f"ring-{number}", f"hub {hub}", 1000 + hub * 24 * days + number * gap, amount)
        for number in range(size) for hub in range(hubs)
    ]  # fmt: skip


def between(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["account_a"], row["account_b"]) for row in found}


def test_a_ring_that_shares_hubs_alone_is_tied_by_its_times() -> None:
    found = met(*crowd(400, 3), *ring(5, 3, 0.05))
    names = [f"ring-{number}" for number in range(5)]
    assert between(found) >= set(pairwise(names))
    inside = [row for row in found if row["account_a"].startswith("ring") and row["account_b"].startswith("ring")]
    assert len(found) - len(inside) <= 0.05 * 400, "and hardly anybody else is"
    assert {row["values"] for row in inside} == {3} and {row["family"] for row in inside} == {"other"}
    assert all(row["weight"] >= LINKS.min_bits for row in found)


def test_strangers_at_hubs_are_not_tied() -> None:
    tied = {one for pair in between(met(*crowd(600, 4))) for one in pair}
    assert len(tied) <= 0.1 * 600


def test_an_evening_with_a_guide_is_one_occasion() -> None:
    """The same steps ten minutes apart say no more than one of them; ten days apart each is a witness."""
    evening = between(met(*crowd(600, 6), *ring(2, 6, 0.3, days=10 / 1440)))
    weeks = between(met(*crowd(600, 6), *ring(2, 6, 0.3)))
    assert ("ring-0", "ring-1") in weeks and ("ring-0", "ring-1") not in evening


def test_kinds_of_one_occasion_are_one_witness_and_of_two_are_two() -> None:
    """A post has a link, its domain, a tag and a picture: six kinds, one act."""
    evening, weeks = ring(2, 6, 0.3, days=10 / 1440), ring(2, 6, 0.3)
    assert ("ring-0", "ring-1") not in between(met(*crowd(600, 6), *evening, kinds=str))
    assert ("ring-0", "ring-1") in between(met(*crowd(600, 6), *weeks, kinds=str))


def test_amounts_tie_where_times_do_not_suffice() -> None:
    apart = ring(2, 2, 30.0)
    assert ("ring-0", "ring-1") not in between(met(*crowd(600, 2), *apart))
    alike = [(one, value, hour, 3.21 + 0.0001 * number) for number, (one, value, hour, _) in enumerate(apart)]
    assert ("ring-0", "ring-1") in between(met(*crowd(600, 2), *alike))


def test_values_without_times_tie_when_enough_of_them_are_rare() -> None:
    people: list[Use] = [(f"p{number}", f"own {number}", None, None) for number in range(400)]

    def sharing(count: int) -> list[dict[str, Any]]:
        values = {f"w{number}": 5.0 for number in range(count)}
        return met(*people, *((one, value, None, None) for one in "ab" for value in values), bits=values)

    assert sharing(1) == [], "one is a coincidence among so many"
    (found,) = sharing(2)
    assert (found["account_a"], found["account_b"], found["values"]) == ("a", "b", 2)


@pytest.mark.parametrize("busy", [1, 60])
def test_who_uses_a_value_all_the_time_meets_everybody(busy: int) -> None:
    dice = np.random.default_rng(4)
    uses = [(one, "hub 0", float(hour), None) for one in "ab" for hour in dice.random(busy) * 8760]
    assert ("a", "b") not in between(met(*crowd(200, 1), *uses))


def test_order_of_rows_changes_nothing() -> None:
    uses = [*crowd(100, 3), *ring(5, 3, 0.05, 2.0)]
    assert met(*uses) == met(*uses[::-1])


def test_nothing_given_is_no_meeting() -> None:
    assert met() == []
    assert met(("a", "w", 1.0, None)) == []
