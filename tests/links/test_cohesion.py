"""Crowded templates: they tie their users when these are tied by other things, and a product's template does not."""

from __future__ import annotations

from typing import Any

from stillwatch.config import Config
from stillwatch.links import cohesion

LINKS = Config().links
SIZE = 200  # users of each template: a crowd for `rare_template`


def tied_by(
    engine: Any, families: dict[str, list[tuple[str, str, str]]], products: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Links that a campaign's template T and an agent's template U give, when users are tied as (a, b, family)."""
    users = [{"account_id": f"t{number:03d}", "template_id": "T", "field": "prompt"} for number in range(SIZE)]
    users += [{"account_id": f"u{number:03d}", "template_id": "U", "field": "prompt"} for number in range(5 * SIZE)]
    base = {"weight": 9.0, "values": 1, "value_pseudonym": "v"}
    ties = [
        {**base, "account_a": a, "account_b": b, "kind": family, "family": family}
        for one in families.values()
        for a, b, family in one
    ]
    people = [{"account_id": row["account_id"]} for row in users]
    spread = [{"template_id": one, "field": "prompt", "independent": True} for one in products]
    given = {"account_templates": users, "ties": ties, "template_spread": spread, "accounts": people}
    cohesive = engine.stage("cohesive_templates", **given)
    made = engine.stage("links", **given, cohesive_templates=cohesive)
    return [row for row in made if row["kind"] == cohesion.KIND]


def chain(prefix: str, count: int, family: str) -> list[tuple[str, str, str]]:
    return [(f"{prefix}{n:03d}", f"{prefix}{n + 1:03d}", family) for n in range(0, count - 1)]


def test_users_tied_by_two_families_are_tied_by_the_template(engine: Any) -> None:
    links = tied_by(engine, {"cards": chain("t", SIZE, "identity"), "proxies": chain("t", SIZE, "network")})
    assert {row["value_pseudonym"] for row in links} == {"T"}
    assert {one for row in links for one in (row["account_a"], row["account_b"])} == {f"t{n:03d}" for n in range(SIZE)}
    assert len(links) <= LINKS.neighbours * SIZE


def test_one_family_can_be_a_products_egress(engine: Any) -> None:
    assert tied_by(engine, {"egress": chain("t", SIZE, "network")}) == []


def test_templates_and_timing_are_no_witnesses_of_a_template(engine: Any) -> None:
    assert tied_by(engine, {"a": chain("t", SIZE, "product"), "b": chain("t", SIZE, "timing")}) == []


def test_an_agents_template_ties_nobody(engine: Any) -> None:
    """A few of its thousand users are households; they are tied to each other by whatever households share."""
    homes = [(f"u{n:03d}", f"u{n + 1:03d}", family) for n in range(0, SIZE, 2) for family in ("identity", "network")]
    assert tied_by(engine, {"homes": homes}) == []


def test_resold_traffic_ties_a_share_and_not_the_product(engine: Any) -> None:
    half = int(5 * SIZE * (LINKS.tied_share - 0.3))
    ring = {"cards": chain("u", half, "identity"), "proxies": chain("u", half, "network")}
    assert tied_by(engine, ring) == []


def test_a_products_template_is_left_out(engine: Any) -> None:
    ties = {"cards": chain("t", SIZE, "identity"), "proxies": chain("t", SIZE, "network")}
    assert tied_by(engine, ties, products=("T",)) == []


def test_no_ties_no_cohesion(engine: Any) -> None:
    assert tied_by(engine, {}) == []
