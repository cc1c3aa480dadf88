"""Which forms of requests speak for the harvest, and for which clusters they are learned at all."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.config import Config

CONFIG = Config().campaigns
ENOUGH = CONFIG.min_prompts
PIPELINE, COMMON, RARE = 4096, 1024, 333  # limits asked for, which are all that the forms here differ in
FORMS = 2_002 * 3 * 3 * 2 * 2 * 11  # that requests with one limit can have, by all else that a form tells
MEMBERS = [{"account_id": one, "cluster_id": "G-1"} for one in "ab"]
TEMPLATES = {"own": "T", "resold": "R", "none": None}


def learned(engine: Any, confidence: float = 0.9, field: str = "prompt", **sent: dict[int, int]) -> dict[int, float]:
    """Limit asked for → bits, when members and strangers sent so many exchanges (`own`, `resold`, `none`, `strangers`)."""
    uses = [
        {"account_id": "stranger" if kind == "strangers" else "ab"[number % 2], "template_id": TEMPLATES.get(kind),
         "max_tokens": limit, "turn": 0, "has_tools": False, "capability": 1}
        for kind, limits in sent.items() for limit, count in limits.items() for number in range(count)
    ]  # fmt: skip
    rows = engine.stage(
        "likeness",
        uses=[{"exchange_id": f"x{number}", **one} for number, one in enumerate(uses)],
        candidates=MEMBERS,
        own_templates=[{"cluster_id": "G-1", "field": field, "template_id": "T", "share": 1.0}],
        judged=[{"cluster_id": "G-1", "confidence": confidence}],
    )
    assert all(row["cluster_id"] == "G-1" for row in rows)
    return {row["form"] // FORMS: row["bits"] for row in rows}


def test_a_form_of_the_harvest_that_nobody_else_has(engine: Any) -> None:
    found = learned(
        engine, own={PIPELINE: ENOUGH}, resold={COMMON: 60}, none={PIPELINE: 20, RARE: 20}, strangers={COMMON: 200}
    )
    assert found[PIPELINE] > 0 > found[COMMON], "the pipeline's own, and what the strangers ask for"
    assert found[RARE] < found[PIPELINE], "what the harvest never asks for is no likeness"


@pytest.mark.parametrize("sharers", ["resold", "strangers"])
def test_a_form_that_others_share_is_no_likeness(engine: Any, sharers: str) -> None:
    sent = {"own": {PIPELINE: ENOUGH}, "none": {PIPELINE: ENOUGH}, "resold": {COMMON: 100}, "strangers": {COMMON: 100}}
    assert learned(engine, **sent)[PIPELINE] > 0
    assert learned(engine, **{**sent, sharers: {PIPELINE: 200}})[PIPELINE] <= 0


def test_a_form_gives_and_takes_so_many_bits_and_no_more(engine: Any) -> None:
    """Half of the exchanges are seeds, so that the cluster's own share adds next to nothing."""
    seeds, others = 3000, 3000
    found = learned(
        engine, own={PIPELINE: seeds}, resold={COMMON: seeds // 2}, none={RARE: seeds // 2}, strangers={COMMON: others}
    )
    assert found[PIPELINE] == pytest.approx(CONFIG.form_bits, abs=0.01)
    assert found[COMMON] == pytest.approx(-CONFIG.form_bits, abs=0.01)


def test_the_clusters_share_counts_beside_the_form(engine: Any) -> None:
    few = learned(engine, own={PIPELINE: ENOUGH}, none={PIPELINE: 10 * ENOUGH}, strangers={COMMON: 500})
    many = learned(engine, own={PIPELINE: ENOUGH}, none={PIPELINE: 10}, strangers={COMMON: 500})
    assert few[PIPELINE] < many[PIPELINE]


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({}, True),
        ({"confidence": CONFIG.likeness_confidence - 0.01}, False),
        ({"own": {PIPELINE: ENOUGH - 1}}, False),
        ({"field": "system"}, False),
    ],
    ids=["watched and seeded", "below the confidence", "few seeds", "seeds are of prompts, not of system prompts"],
)
def test_what_is_learned_from(engine: Any, changes: dict[str, Any], rows: bool) -> None:
    sent: dict[str, Any] = {"own": {PIPELINE: ENOUGH}, "none": {PIPELINE: 50}, "strangers": {COMMON: 50}}
    assert bool(learned(engine, **{**sent, **changes})) is rows


@pytest.mark.parametrize(
    ("logged", "forms"),
    [({}, 1), ({"stream": False}, 2), ({"temperature": 0.0}, 2), ({"turn": 3}, 2), ({"max_tokens": 0}, 2)],
)
def test_what_is_not_logged_is_one_form(engine: Any, logged: dict[str, Any], forms: int) -> None:
    rows = engine.stage(
        "likeness",
        uses=[
            {"exchange_id": f"x{n}", "account_id": "a", "template_id": "T", "has_tools": False, "capability": 1}
            | (logged if n % 2 else {})
            for n in range(ENOUGH)
        ],
        candidates=MEMBERS,
        own_templates=[{"cluster_id": "G-1", "field": "prompt", "template_id": "T", "share": 1.0}],
        judged=[{"cluster_id": "G-1", "confidence": 0.9}],
    )
    assert len(rows) == forms
