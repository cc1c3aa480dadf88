"""What is known of each candidate cluster, on accounts few enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest

MEMBERS = [{"account_id": one, "cluster_id": "G-1", "partners": n} for n, one in enumerate("abc")]


def test_features_compare_members_with_the_unclustered(engine: Any) -> None:
    rows = [{"account_id": one, "hosting": share} for one, share in (("a", 1.0), ("b", 0.5), ("c", None), ("p", 0.25))]
    made = engine.stage("cluster_features", accounts=rows, candidates=MEMBERS)
    found = {row["cluster_id"]: row for row in made if row["rate"] == "hosting"}
    assert (found["G-1"]["mean"], found["G-1"]["spread"], found["G-1"]["accounts"]) == (0.75, 0.25, 2)
    assert (found[""]["mean"], found[""]["accounts"]) == (0.25, 1)


def sharing(engine: Any, name: str, **organizations: str) -> list[dict[str, Any]]:
    held = [("a", "x"), ("b", "x"), ("c", "x"), ("a", "y"), ("b", "y"), ("c", "z"), ("p", "z"), ("q", "w"), ("r", "w")]
    held += [("a", "crowd"), ("b", "crowd"), ("p", "crowd")]
    made: list[dict[str, Any]] = engine.stage(
        name,
        account_values=[{"account_id": one, "kind": "shared_payment", "value": value} for one, value in held],
        shared_values=[
            {"kind": "shared_payment", "value": value, "family": "identity", "crowded": value == "crowd"}
            for value in ("x", "y", "z", "w", "crowd")
        ],
        accounts=[{"account_id": one, "organization_id": organizations.get(one)} for one in "abcpqr"],
        candidates=MEMBERS,
    )
    return made


def test_ties_inside(engine: Any) -> None:
    (row,) = sharing(engine, "cluster_ties")
    assert (row["values"], row["most"], row["pairs"], row["tied"]) == (2, 3, 4, 3), "x ties three pairs, y ties one"


def test_ties_of_one_organization_coordinate_nobody(engine: Any) -> None:
    assert sharing(engine, "cluster_ties", a="firm", b="firm", c="firm") == []


def test_ties_elsewhere(engine: Any) -> None:
    (row,) = sharing(engine, "tied_elsewhere")
    assert row["accounts"] == 3 and row["tied"] in (2, 3), "q and r by w; p holds a value of a member's"


@pytest.mark.parametrize("own", [3, 2])
def test_templates_of_members_and_of_everybody(engine: Any, own: int) -> None:
    (row,) = engine.stage(
        "cluster_templates",
        account_templates=[
            {"account_id": one, "field": "prompt", "template_id": "T", "exchanges": n}
            for one, n in (("a", 4), ("b", 2), ("p", 5))
        ],
        account_prompts=[
            {"account_id": one, "template_id": "T", "prompt_hash": n, "exchanges": 1}
            for one, n in (("a", 1), ("a", 2), ("b", 2), ("p", 1), ("p", 9))
        ],
        candidates=MEMBERS,
        cohesive_templates=[{"template_id": "T", "firm": False, "hand": True, "users": 3, "own_users": own}],
    )
    assert row["ties"] is (own == 3), "of a public template, some go through a set of items"
    assert (row["users"], row["exchanges"], row["all_users"], row["all_exchanges"]) == (2, 6, 3, 11)
    assert (row["prompts"], row["repeated"], row["senders"]) == (2, 1, 1.5), "outsiders' prompts do not count"


def test_owners(engine: Any) -> None:
    people = [("a", "o1", "x.org", "card", 1.0), ("b", "o1", "y.org", "card", 2.0), ("c", None, None, None, 30.0)]
    (row,) = engine.stage(
        "cluster_owners",
        accounts=[
            {"account_id": one, "organization_id": org, "email_domain": at, "pathway": "self_serve", "age_days": age,
             "verification": "identity" if one == "a" else "email"}
            for one, org, at, _, age in people
        ],
        registered=[{"account_id": one, "payment_fingerprint": card} for one, _, _, card, _ in people],
        declared=[{"kind": "organization", "id": "o1"}, {"kind": "agent_client", "id": "prefix"}],
        candidates=MEMBERS,
    )  # fmt: skip
    assert (row["members"], row["organizations"], row["largest_organization"]) == (3, 1, 2)
    assert (row["payers"], row["with_payer"], row["domains"], row["pathways"]) == (1, 2, 2, 1)
    assert (row["largest_domain"], row["largest_domain_everywhere"]) == (1, 1)
    assert (row["declared_members"], row["age_days"]) == (2, 2.0)
    assert row["identified"] == pytest.approx(1 / 3)


HOURS = [
    {"account_id": one, "hour": hour, "model": "m", "exchanges": 2, "output_tokens": 3}
    for one, hour in (
        ("a", "2026-02-02 09:00"), ("a", "2026-02-02 10:00"), ("b", "2026-02-02 09:00"), ("p", "2026-02-02 09:00"),
    )
]  # fmt: skip


def test_days(engine: Any) -> None:
    (day,) = engine.stage("cluster_days", account_hours=HOURS, candidates=MEMBERS)
    assert (day["exchanges"], day["output_tokens"], day["accounts"]) == (6, 9, 2)


def test_hours_of_members_and_of_everybody_else(engine: Any) -> None:
    made = engine.stage("cluster_hours", account_hours=HOURS, candidates=MEMBERS)
    assert [row["account_id"] for row in made if row["cluster_id"]] == ["a", "a", "b"]
    assert [row["accounts"] for row in made if not row["cluster_id"]] == [1]


def test_totals(engine: Any) -> None:
    rows = [("a", 4, "2026-02-02 09:00"), ("b", 2, "2026-02-01 09:00"), ("p", 9, "2026-01-01 09:00")]
    accounts = [{"account_id": one, "exchanges": n, "output_tokens": n, "first_seen": first} for one, n, first in rows]
    (total,) = engine.stage("cluster_totals", accounts=accounts, candidates=MEMBERS)
    assert (total["exchanges"], total["output_tokens"], total["first_seen"].day) == (6, 6, 1)
