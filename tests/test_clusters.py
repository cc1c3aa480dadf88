"""Clusters: planted groups come back whole, the same whatever the order of rows, and chance is told from plan."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from stillwatch import tables
from stillwatch.clusters import clusters
from stillwatch.clusters.chance import drawn_links
from stillwatch.config import Config

CONFIG = Config()
FEW = replace(CONFIG.clusters, shuffles=9)


def link(a: str, b: str, weight: float = 12.0) -> dict[str, Any]:
    a, b = sorted((a, b))
    return {"account_a": a, "account_b": b, "kind": "shared_payment", "family": "identity", "weight": weight,
            "value_pseudonym": "v", "values": 1}  # fmt: skip


def group(prefix: str, size: int) -> list[dict[str, Any]]:
    names = [f"{prefix}{number:02d}" for number in range(size)]
    return [link(a, b) for a, b in combinations(names, 2)]


def held(population: int, *values: list[str], kind: str = "shared_payment") -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "family": "identity",
            "bits": 8.0,
            "accounts": len(holders),
            "population": population,
            "values": 1,
        }
        for holders in values
    ]


def found(
    links: list[dict[str, Any]], holders: list[dict[str, Any]] | None = None, seed: int = 1
) -> list[dict[str, Any]]:
    made = clusters(
        pa.Table.from_pylist(links, schema=tables.LINKS.schema),
        pa.Table.from_pylist(holders or [], schema=tables.HOLDINGS.schema),
        CONFIG.links, FEW, seed,
    )  # fmt: skip
    assert made.schema.equals(tables.CLUSTERS.schema)
    rows: list[dict[str, Any]] = made.to_pylist()
    return rows


def members(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(row["cluster_id"], set()).add(row["account_id"])
    return groups


def test_planted_groups_are_found_largest_first() -> None:
    links = [*group("a", 12), *group("b", 7), *group("c", 2), link("a00", "b00", 7.0)]
    assert members(found(links)) == {
        "G-00001": {f"a{n:02d}" for n in range(12)}, "G-00002": {f"b{n:02d}" for n in range(7)}, "G-00003": {"c00", "c01"},
    }  # fmt: skip


def test_what_a_row_says() -> None:
    rows = {row["account_id"]: row for row in found([link("a", "b", 9.0), link("b", "c", 7.0), link("a", "c", 8.0)])}
    assert {row["cluster_accounts"] for row in rows.values()} == {3}
    assert {row["cluster_bits"] for row in rows.values()} == {24.0}
    assert [rows[one]["partners"] for one in "abc"] == [2, 2, 2]
    assert [rows[one]["tie_bits"] for one in "abc"] == [17.0, 16.0, 15.0]


def test_several_kinds_of_tie_make_one_pair() -> None:
    rows = found([link("a", "b", 6.0), {**link("a", "b", 3.0), "kind": "signup_burst", "family": "registration"}])
    assert [(row["partners"], row["tie_bits"]) for row in rows] == [(1, 9.0), (1, 9.0)]


def test_order_of_rows_changes_nothing() -> None:
    dice = random.Random(1)
    links = [*group("a", 9), *group("b", 9), *(link(f"a{n:02d}", f"b{n:02d}", 7.0) for n in range(4))]
    holders = held(60, [f"a{n:02d}" for n in range(9)], [f"b{n:02d}" for n in range(9)])
    shuffled_links, shuffled_holders = dice.sample(links, len(links)), dice.sample(holders, len(holders))
    once = found(links, holders)
    assert found(links, holders) == once
    again = found(shuffled_links, shuffled_holders)
    assert [(row["account_id"], row["cluster_id"]) for row in again] == [
        (r["account_id"], r["cluster_id"]) for r in once
    ]


def test_a_planted_ring_is_beyond_chance() -> None:
    ring = [f"a{n:02d}" for n in range(20)]
    holders = held(400, *(ring[start : start + 5] for start in range(0, 16, 2)), *([f"p{n}"] * 1 for n in range(50)))
    rows = found(group("a", 20), holders)
    assert {row["chance_p"] for row in rows} == {1 / (FEW.shuffles + 1)}


def lightest_p(seed: int) -> float:
    """Everybody holds values at random: chance_p of the heaviest cluster that comes of it."""
    value = np.arange(960) // 4  # 240 values of four holders each, of three families
    family = np.array(["identity", "network", "registration"])
    kind = np.arange(240) % 3
    account = np.random.default_rng(seed).integers(60, size=len(value))
    a, b, weight = drawn_links(account, value, kind, np.full(240, 8.0), family, CONFIG.links)
    links = [link(f"p{one:02d}", f"p{other:02d}", float(bits)) for one, other, bits in zip(a, b, weight, strict=True)]
    holders = [
        {"kind": one, "family": one, "bits": 8.0, "accounts": 4, "population": 60, "values": 80} for one in family
    ]
    return min((row["chance_p"] for row in found(links, holders, seed + 1000)), default=1.0)


def test_random_sharing_is_chance() -> None:
    p_values = [lightest_p(seed) for seed in range(16)]
    assert np.mean(p_values) > 0.3, p_values
    assert np.mean(np.array(p_values) <= 1 / (FEW.shuffles + 1)) < 0.4, p_values


def test_no_links_no_clusters() -> None:
    assert found([]) == []


def test_nothing_held_is_nothing_by_chance() -> None:
    assert {row["chance_p"] for row in found(group("a", 6))} == {1 / (FEW.shuffles + 1)}


@pytest.mark.parametrize("accounts", [30, 200])
def test_pairs_that_one_weak_family_ties_are_left_out_early_and_change_nothing(accounts: int) -> None:
    """A threshold under every family leaves nothing out early; what then weighs enough is what is found otherwise."""
    numbers = np.random.default_rng(accounts)
    family = np.array(["identity", "network", "timing", "product", "registration"])
    value = np.sort(numbers.integers(1500, size=6000))
    kind = np.arange(1500) % len(family)
    bits = np.array([9.0, 4.0, 1.0, 3.0, 3.0])[kind]
    account = numbers.integers(accounts, size=len(value))
    a, b, weight = drawn_links(account, value, kind, bits, family, replace(CONFIG.links, min_bits=0.01))
    enough = weight >= CONFIG.links.min_bits
    quick = drawn_links(account, value, kind, bits, family, CONFIG.links)
    assert 0 < enough.sum() < len(a)
    for whole, part in zip((a, b, weight), quick, strict=True):
        assert np.array_equal(whole[enough], part)
