"""Items: whether what members fill into templates comes once, as from a queue, or again, as from a benchmark."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.alone import compared, doubted
from stillwatch.campaigns.items import MOST_COMPARED
from stillwatch.config import Config

NO_TIES = {"identity_ties": 0, "met_members": 0, "timing_ties": 0, "arrival_ties": 0}


def member(name: str, cluster: str = "G-1", framed: int = 9, **ties: int) -> dict[str, Any]:
    return {"account_id": name, "cluster_id": cluster, "framed": framed, **NO_TIES, **ties}


def counted(
    engine: Any, members: list[dict[str, Any]], prompts: list[tuple[str, str, int, int]]
) -> dict[str, tuple[int, int]]:
    """Of each account asked, exchanges with own templates and those that came again; T is the cluster's own."""
    sent = [
        {"account_id": one, "template_id": template, "prompt_hash": prompt, "exchanges": times}
        for one, template, prompt, times in prompts
    ]
    own = [{"cluster_id": "G-1", "field": "prompt", "template_id": "T", "share": 1.0}]
    made = engine.stage("items", account_prompts=sent, own_templates=own, members=members)
    return {row["account_id"]: (row["sent"], row["repeated"]) for row in made}


@pytest.mark.parametrize(
    ("prompts", "told"),
    [
        ([("a", "T", 1, 1), ("a", "T", 2, 1)], (2, 0)),
        ([("a", "T", 1, 3), ("a", "T", 2, 1)], (4, 3)),
        ([("a", "T", 1, 1), ("b", "T", 1, 1), ("a", "T", 2, 1)], (2, 1)),
        ([("a", "T", 1, 1), ("stranger", "T", 1, 1)], (1, 1)),
        ([("a", "T", 1, 1), ("a", "other", 2, 5)], (1, 0)),
        ([("a", "T", 1, 1), ("a", "other", 1, 5)], (1, 0)),
    ],
    ids=["once", "again", "after a member", "after a stranger", "another template", "the same words elsewhere"],
)
def test_what_came_again(engine: Any, prompts: list[tuple[str, str, int, int]], told: tuple[int, int]) -> None:
    assert counted(engine, [member("a"), member("b", identity_ties=1)], prompts)["a"] == told


def test_of_tied_members_some_are_enough(engine: Any) -> None:
    names = [f"m{n:03d}" for n in range(MOST_COMPARED + 20)]
    members = [member(name, identity_ties=1) for name in names] + [member("z"), member("idle", framed=0)]
    prompts = [(name, "T", place, 1) for place, name in enumerate([*names, "z", "idle"])]
    found = counted(engine, members, prompts)
    assert set(found) == {*names[:MOST_COMPARED], "z"}


def test_each_is_compared_with_the_others_of_its_cluster() -> None:
    members = [
        member("a"), member("b", met_members=2), member("c", timing_ties=1), member("idle", framed=0),
        member("x", cluster="G-2"), member("y", cluster="G-2"),
    ]  # fmt: skip
    items = {"a": {"sent": 10, "repeated": 5}, "b": {"sent": 30, "repeated": 4}, "c": {"sent": 20, "repeated": 0}}
    found = {one["account_id"]: one for one in compared(members, items)}
    assert found["a"]["sent"] == 10 and found["x"]["sent"] == 0
    assert found["a"]["tied_share"] == 1.0 and found["b"]["tied_share"] == 0.5 and found["x"]["tied_share"] == 0.0
    assert found["a"]["usual_repeats"] == pytest.approx(5 / 100), (
        "of the two who share more, and of what is taken to be usual"
    )
    assert [name for name, one in found.items() if doubted(one, Config().standing)] == ["a"]
