"""Crowded templates: they tie their users when these are tied by other things, and a product's template does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import pyarrow as pa
import pytest

from stillwatch.clusters import clusters
from stillwatch.config import Config
from stillwatch.links import cohesion
from stillwatch.tables import HOLDINGS

BOTH = pytest.mark.engines("duckdb", "spark")
pytestmark = pytest.mark.engines("duckdb")  # Spark takes half a minute for such a plan: BOTH is one of them

CONFIG = Config()
SIZE = 200  # users of template T: a crowd for `rare_template`
STRANGERS = 5 * SIZE  # users of template U, a product's, and as many accounts that use neither
FAMILY = {
    "shared_payment": "identity",
    "shared_address": "network",
    "signup_burst": "registration",
    "signup_moment": "arrival",
    "client": "product",
}
Held = dict[str, list[list[str]]]  # kind: the groups of accounts that share one value of it

T = [f"t{n:04d}" for n in range(SIZE)]
U = [f"u{n:04d}" for n in range(STRANGERS)]
OTHERS = [f"x{n:04d}" for n in range(STRANGERS)]


def groups(members: list[str], size: int) -> list[list[str]]:
    """Every `size` of them share a value."""
    return [members[at : at + size] for at in range(0, len(members) - size + 1, size)]


def given(
    held: Held,
    users: dict[str, list[str]],
    uses: dict[str, int],
    turns: dict[str, int] | None = None,
    firm: str = "",
    one_set: Collection[str] = (),
    again: Collection[str] = (),
    busy: dict[str, int] | None = None,
) -> dict[str, Any]:
    """Rows of a log in which accounts hold these values and send templates: `uses` of 100 exchanges, 20 if not said.

    `turns` are templates that everybody who uses them sends so many times. Items are each account's own and sent once,
    but for those who go through one set of them or send theirs again; `busy` accounts send more than 100 exchanges.
    """
    values = [
        {"account_id": one, "kind": kind, "value": f"{kind}-{number}"}
        for kind, sharing in held.items()
        for number, members in enumerate(sharing)
        for one in members
    ]
    degree = Counter((row["kind"], row["value"]) for row in values)
    shared = [
        {"kind": k, "value": v, "family": FAMILY[k], "accounts": n, "population": n, "crowded": False, "bits": 6.0}
        for (k, v), n in degree.items()
        if n > 1
    ]
    return {
        "account_templates": [
            {
                "account_id": one,
                "template_id": name,
                "field": "prompt",
                "exchanges": (turns or {}).get(name, uses.get(one, 20)),
            }
            for name, members in users.items()
            for one in members
        ],
        "account_prompts": [
            {
                "account_id": one,
                "template_id": name,
                "prompt_hash": item if one in one_set else place * 10 + item,
                "exchanges": 5 if one in again else 1,
            }
            for name, members in users.items()
            for place, one in enumerate(members, start=1)
            for item in range(3)
        ],
        "template_spread": [],
        "accounts": [
            {"account_id": one, "organization_id": firm or None, "exchanges": (busy or {}).get(one, 100)}
            for one in [*T, *U, *OTHERS]
        ],
        "account_values": values,
        "shared_values": shared,
    }


def links(
    engine: Any, held: Held, products: Iterable[str] = (), uses: dict[str, int] | None = None, **rest: Any
) -> Any:
    """Links that T and U give."""
    rows = given(held, rest.pop("users", {"T": T, "U": U}), uses or {}, **rest)
    rows["template_spread"] = [{"template_id": one, "field": "prompt", "independent": True} for one in products]
    rows["template_users"] = engine.stage("template_users", **rows)
    cohesive = engine.stage("cohesive_templates", **rows)
    made = engine.stage("links", cohesive_templates=cohesive, ties=[], **rows)
    return [row for row in made if row["kind"] == cohesion.KIND]


def tied(made: list[dict[str, Any]]) -> set[str]:
    return {one for row in made for one in (row["account_a"], row["account_b"])}


def test_users_tied_by_two_families_are_tied_by_the_template(engine: Any) -> None:
    made = links(engine, {"shared_payment": groups(T, 4), "shared_address": groups(T, 8)})
    assert {row["value_pseudonym"] for row in made} == {"T"}
    assert tied(made) == set(T)
    assert len(made) <= CONFIG.links.neighbours * SIZE


SEVERAL = {"T": T, "V": T, "W": T, "U": U}  # templates that the same accounts use
CARDS: Held = {"shared_payment": groups(T[: SIZE * 7 // 10], 4)}


def test_half_with_a_shared_card_speak_for_the_others_who_do_as_they_do(engine: Any) -> None:
    assert links(engine, CARDS) == []  # one template of that kind alone is not enough,
    assert tied(links(engine, CARDS, users=SEVERAL)) == set(T)  # several of them are


def test_resold_traffic_does_not_tie_the_product(engine: Any) -> None:
    """A reseller's accounts are most of a product's users: they send it now and then, its own users nearly always."""
    uses = {one: 30 if place >= SIZE * 7 // 10 else 8 for place, one in enumerate(T)}
    assert links(engine, CARDS, uses=uses, users=SEVERAL) == []


@pytest.mark.parametrize("how", ["one_set", "again"])
def test_who_goes_through_one_set_of_items_is_not_of_a_queue(engine: Any, how: str) -> None:
    """Evaluators send the questions of a public benchmark, as a harvest of reasoning does; several do, or one often."""
    evaluators = set(T[SIZE * 7 // 10 :])
    assert tied(links(engine, CARDS, users=SEVERAL, **{how: evaluators})) == set(T) - evaluators


def test_who_is_far_less_busy_does_something_else(engine: Any) -> None:
    """People who write a campaign's language use its turns of phrase, on accounts of people."""
    uses, busy = {one: 400 for one in T[: SIZE * 7 // 10]}, {one: 2_000 for one in T[: SIZE * 7 // 10]}
    assert links(engine, CARDS, uses=uses, busy=busy, users=SEVERAL) == []


def test_a_turn_of_phrase_is_no_template(engine: Any) -> None:
    """What comes up in one of two thousand exchanges is how people write."""
    held = {"shared_payment": groups(T, 4), "shared_address": groups(T, 8)}
    uses = dict.fromkeys(T, 5)
    assert links(engine, held, uses=uses, busy=dict.fromkeys(T, 10_000)) == []
    assert tied(links(engine, held, uses=uses, busy=dict.fromkeys(T, 1_000))) == set(T)


def test_who_met_a_template_once_does_not_use_it(engine: Any) -> None:
    held = {"shared_payment": groups(T[1:], 3), "shared_address": groups(T[1:], 8)}
    assert tied(links(engine, held, uses={T[0]: 1, **{one: 60 for one in T[1:]}})) == set(T[1:])


def test_one_family_can_be_a_products_egress(engine: Any) -> None:
    assert links(engine, {"shared_address": [T]}) == []


def test_templates_and_clients_are_no_witnesses_of_a_template(engine: Any) -> None:
    assert links(engine, {"client": groups(T, 4), "shared_address": groups(T, 8)}) == []


def test_an_agents_template_ties_nobody(engine: Any) -> None:
    """Some of its thousand users are households; they are tied to each other by whatever households share."""
    homes = groups(U[:SIZE], 2)
    assert links(engine, {"shared_payment": homes, "shared_address": homes}) == []


def test_sharing_as_much_as_anybody_does_is_chance(engine: Any) -> None:
    """Values that go through the whole log: some users of T share them, as many as of any other accounts."""
    everybody = [one for three in zip(T, OTHERS, OTHERS[SIZE:], strict=False) for one in three]
    assert links(engine, {"shared_address": groups(everybody, 60), "signup_burst": groups(everybody[7:], 60)}) == []


def test_a_products_template_is_left_out(engine: Any) -> None:
    """Its users each pay for themselves; they meet at its egress and like the same form of mail address."""
    held = {"shared_address": groups(T, 8), "signup_burst": groups(T, 4)}
    assert tied(links(engine, held)) == set(T)
    assert links(engine, held, products=("T",)) == []


MADE_TOGETHER: Held = {"signup_moment": groups(T[: SIZE * 7 // 10], 10)}


def test_accounts_made_together_that_pay_apart(engine: Any) -> None:
    """A card and a mail address for each account make a campaign look like a product's users; a batch of sign-ups stays."""
    apart = {"users": SEVERAL, "products": tuple(SEVERAL)}
    assert tied(links(engine, MADE_TOGETHER, **apart)) == set(T)
    apart["users"] = {"T": T, "U": U}
    assert tied(links(engine, MADE_TOGETHER, **apart)) == set(T[: SIZE * 7 // 10]), (
        "of one alone, who was made together"
    )


def test_a_rush_of_sign_ups_ties_nobody(engine: Any) -> None:
    """On the day of a launch everybody signs up: the users of a template no more together than others."""
    everybody = [one for place in range(SIZE) for one in (T[place], *U[place::SIZE], *OTHERS[place::SIZE])]
    assert links(engine, {"signup_moment": groups(everybody, 50)}, users=SEVERAL) == []


def test_ties_inside_one_organisation_are_none(engine: Any) -> None:
    assert links(engine, {"shared_payment": groups(T, 4), "shared_address": groups(T, 8)}, firm="org") == []


def test_no_values_no_cohesion(engine: Any) -> None:
    assert links(engine, {}) == []


def test_a_crowd_that_templates_tie_is_one_cluster(engine: Any) -> None:
    """Neighbours in one order would be a long band, which falls apart when it is clustered."""
    held = {"shared_payment": groups(U, 4), "shared_address": groups(U, 10)}
    made = pa.Table.from_pylist(links(engine, held, users={"U": U, "V": U}))
    found = clusters(made, HOLDINGS.schema.empty_table(), CONFIG.links, CONFIG.clusters, 1)
    assert set(found["cluster_accounts"].to_pylist()) == {STRANGERS}


@pytest.mark.parametrize("times, campaigns", [(1, 2), (20, 1)])
def test_two_campaigns_share_turns_of_phrase(engine: Any, times: int, campaigns: int) -> None:
    """Each half pays with cards and has frames of its own; both send three more, now and then or as often as their own."""
    one, other = T[: SIZE // 2], T[SIZE // 2 :]
    users = {"A": one, "B": one, "C": other, "D": other, "P": T, "Q": T, "R": T}
    made = links(engine, {"shared_payment": groups(T, 4)}, users=users, turns={"P": times, "Q": times, "R": times})
    found = clusters(pa.Table.from_pylist(made), HOLDINGS.schema.empty_table(), CONFIG.links, CONFIG.clusters, 1)
    assert tied(made) == set(T)
    assert sorted(set(found["cluster_accounts"].to_pylist())) == [SIZE // campaigns]


@BOTH
def test_a_tie_by_templates_weighs_what_two_have_in_common(engine: Any) -> None:
    """The same frames as often: all of its bits. A third of what each sends in frames: a third of them."""
    cards: Held = {"shared_payment": groups(T, 4)}
    alike = links(engine, cards, users={"A": T, "B": T, "C": T})
    one, other = T[::2], T[1::2]
    apart = links(engine, cards, users={"A": one, "B": one, "C": other, "D": other, "P": T})
    assert {round(row["weight"], 3) for row in alike} == {CONFIG.links.workload}
    weights = {(row["account_a"] in one) == (row["account_b"] in one): row["weight"] for row in apart}
    assert weights[False] < weights[True] / 2
