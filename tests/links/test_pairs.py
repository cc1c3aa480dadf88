"""Pairs: linear in the holders of a value, corrected for chance, bounded by family, the strongest kept."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch import tables
from stillwatch.config import Config, Links
from stillwatch.links import ALL, pairs, values
from stillwatch.links.tie import Tie

BOTH = pytest.mark.engines("duckdb", "spark")
pytestmark = pytest.mark.engines("duckdb")  # a plan of this size takes Spark seconds: BOTH show that it says the same

LINKS = Config().links
FEW = Tie("few", "other", (), None, 0.9, 1e-6, 20_000, "", "")  # type: ignore[arg-type]  # no tie's own table is read


def linked(
    engine: Any,
    held: list[tuple[str, str, str]],
    config: Links = LINKS,
    ties: Any = ALL,
    meetings: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Links between holders: (account, kind, value)."""
    rows = [{"account_id": account, "kind": kind, "value": value} for account, kind, value in held]
    given = engine.given(tables.ACCOUNT_VALUES, *rows)
    shared = engine.made(tables.OWN_SHARED_VALUES, values.own_shared_values(given, ties))
    met = engine.given(tables.MEETINGS, *(meetings or []))
    own = pairs.own_pairs(given, engine.given(tables.OWN_SHARED_VALUES, *shared), met, config)
    weighed = pairs.within_family(own.union(met), config)
    made: list[dict[str, Any]] = engine.made(tables.LINKS, pairs.strongest(weighed, config))
    return made


def crowd(kind: str, count: int) -> list[tuple[str, str, str]]:
    """People with a value of their own, so that the shared ones are rare."""
    return [(f"p{number:05d}", kind, f"own {number}") for number in range(count)]


def between(links: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["account_a"], row["account_b"]) for row in links}


def test_a_shared_card_links_and_others_do_not(engine: Any) -> None:
    held = [("b", "shared_payment", "card"), ("a", "shared_payment", "card"), *crowd("shared_payment", 2000)]
    (link,) = linked(engine, held)
    assert (link["account_a"], link["account_b"], link["kind"], link["family"]) == (
        "a",
        "b",
        "shared_payment",
        "identity",
    )
    assert (link["value_pseudonym"], link["values"]) == ("card", 1)
    assert LINKS.min_bits <= link["weight"] <= LINKS.identity


def test_a_crowded_value_links_nobody(engine: Any) -> None:
    limit = next(tie.crowd for tie in ALL if tie.kind == "shared_payment")
    held = [(f"a{number}", "shared_payment", "card") for number in range(limit + 1)]
    assert linked(engine, [*held, *crowd("shared_payment", 20_000)]) == []


def test_ten_thousand_holders_make_linear_pairs(engine: Any) -> None:
    size = 10_000
    held = [(f"a{number:05d}", "few", "one value") for number in range(size)]
    held += crowd("few", 5 * size)
    links = linked(engine, held, Links(min_bits=0.1), ties=[FEW])
    assert 0 < len(links) <= LINKS.neighbours * size
    reached, edges = {"a00000"}, sorted(between(links))
    for a, b in edges:  # sorted, so one pass reaches everybody
        if a in reached:
            reached.add(b)
    assert len(reached) == size, "the holders stay connected"


@BOTH
def test_what_chance_gives_is_no_link(engine: Any) -> None:
    """Two accounts that each used half of all addresses share a quarter of them, and that says nothing."""
    address = [f"v{number}" for number in range(200)]
    heavy = [("a", "shared_address", one) for one in address[::2]]
    heavy += [("b", "shared_address", one) for number, one in enumerate(address) if number % 4 < 2]
    others = [(f"o{number % 20}", "shared_address", one) for number, one in enumerate(address)]
    others += [(f"q{number % 20}", "shared_address", one) for number, one in enumerate(address[::-1])]
    assert ("a", "b") not in between(linked(engine, heavy + others, Links(min_bits=0.5)))


def test_the_same_number_shared_by_light_accounts_is_a_link(engine: Any) -> None:
    held = [(one, "shared_address", f"v{number}") for one in "ab" for number in range(8)]
    held += crowd("shared_address", 2000)
    (link,) = linked(engine, held, Links(min_bits=0.5))
    assert (link["values"], link["weight"]) == (8, pytest.approx(LINKS.network))


@pytest.mark.parametrize("family", ["product", "registration", "network", "timing"])
def test_no_family_that_strangers_share_links_alone(engine: Any, family: str) -> None:
    kinds = [tie.kind for tie in ALL if tie.family == family]
    held = [(one, kind, f"{kind} {number}") for kind in kinds for number in range(9) for one in "ab"]
    for kind in kinds:
        held += crowd(kind, 2000)
    assert linked(engine, held) == [], f"{kinds} together must stay under {LINKS.min_bits} bits"


@BOTH
def test_two_families_link_where_one_does_not(engine: Any) -> None:
    held = [(one, kind, kind) for kind in ("shared_address", "signup_burst") for one in "ab"]
    held += [*crowd("shared_address", 2000), *crowd("signup_burst", 2000)]
    links = linked(engine, held, Links(min_bits=5.0))
    assert {row["kind"] for row in links} == {"shared_address", "signup_burst"}
    most = {row["family"]: row["weight"] for row in links}
    assert most["registration"] <= LINKS.registration + 1e-9 and most["network"] <= LINKS.network + 1e-9


def test_kinds_of_a_family_share_its_bits(engine: Any) -> None:
    kinds = [tie.kind for tie in ALL if tie.family == "identity"]
    held = [(one, kind, kind) for kind in kinds for one in "ab"]
    for kind in kinds:
        held += crowd(kind, 3000)
    links = linked(engine, held)
    assert {row["kind"] for row in links} == set(kinds)
    assert sum(row["weight"] for row in links) == pytest.approx(LINKS.identity)


@BOTH
def test_only_the_strongest_partners_are_kept(engine: Any) -> None:
    held = [(f"s{number:02d}", "few", f"v{number}") for number in range(20)]
    held += [("hub", "few", f"v{number}") for number in range(20)]
    held += crowd("few", 5000)
    tight = Links(min_bits=0.1, max_ties=1)
    assert len(linked(engine, held, tight, ties=[FEW])) == 20, "each spoke's only partner is the hub, so none is cut"
    ring = [(f"r{number:02d}", "few", f"pair {min(number, other)} {max(number, other)}")
            for number in range(12) for other in range(12) if number != other]  # fmt: skip
    kept = linked(engine, [*ring, *crowd("few", 5000)], tight, ties=[FEW])
    assert 6 <= len(kept) <= 24, "of 66 pairs, everybody's strongest partner before and after it"


@BOTH
def test_meetings_and_values_of_a_pair_add_up(engine: Any) -> None:
    met = {"account_a": "a", "account_b": "b", "kind": "wallet", "family": "other", "weight": 7.0,
           "value_pseudonym": "w", "values": 2}  # fmt: skip
    held = [(one, "signup_burst", "burst") for one in "ab"] + crowd("signup_burst", 2000)
    assert {row["kind"]: row["weight"] for row in linked(engine, held, meetings=[met])}["wallet"] == 7.0
    assert {row["kind"] for row in linked(engine, held, meetings=[met])} == {"wallet", "signup_burst"}
    assert linked(engine, held) == [], "a burst alone is no link"
    (capped,) = linked(engine, [], meetings=[{**met, "weight": 40.0}])
    assert capped["weight"] == LINKS.other, "what only the provider knows is one witness too"
