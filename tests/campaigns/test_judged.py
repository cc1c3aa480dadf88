"""Clusters judged: reasons become rows, rows become findings, and only clusters large enough are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from stillwatch import tables
from stillwatch.campaigns import judged
from stillwatch.config import Config
from stillwatch.evidence import FINDINGS, Reason

CONFIG = Config()
SIZE = CONFIG.campaigns.min_accounts + 3
Arrow = Callable[..., Any]


def clusters(arrow: Arrow, **sizes: int) -> Any:
    return arrow(
        tables.CLUSTERS,
        *({"account_id": f"{name}{n}", "cluster_id": name, "cluster_accounts": size, "cluster_bits": 90.0,
           "chance_p": 0.05, "partners": 3, "tie_bits": 20.0}
          for name, size in sizes.items() for n in range(size)),
    )  # fmt: skip


def known(arrow: Arrow, **rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Every cluster table, empty unless given; owners say nothing unless told."""
    declared = {
        table.name: table
        for table in (
            tables.CLUSTER_TOTALS, tables.CLUSTER_FEATURES, tables.CLUSTER_TIES, tables.TIED_ELSEWHERE,
            tables.CLUSTER_TEMPLATES, tables.CLUSTER_OWNERS, tables.CLUSTER_HOURS, tables.RELEASE_RESPONSE,
            tables.SWEEPS,
        )
    }  # fmt: skip
    owner = {
        "cluster_id": "G-1", "members": SIZE, "organizations": SIZE, "largest_organization": 1, "payers": 0,
        "with_payer": 0, "domains": 5, "largest_domain": 4, "largest_domain_everywhere": 90, "pathways": 1,
        "declared_members": 0,
    }  # fmt: skip
    given = {"cluster_owners": [owner], **rows}
    return {
        **{name: arrow(table, *given.get(name, [])) for name, table in declared.items()},
        "clusters": clusters(arrow, **{"G-1": SIZE}),
    }


def codes(arrow: Arrow, **rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    made = judged.reasons(known(arrow, **rows), {"shared_payment": ("pay alike", "a family")}, CONFIG)
    assert made.schema.names == tables.REASONS.names
    return {row["code"]: row for row in made.to_pylist()}


def test_a_cluster_with_nothing_to_say_has_its_chance_only(arrow: Arrow) -> None:
    assert set(codes(arrow)) == {"beyond_chance"}


def test_rates_are_compared_with_the_unclustered(arrow: Arrow) -> None:
    inside = {"cluster_id": "G-1", "rate": "chain_of_thought", "mean": 0.6, "spread": 0.1, "accounts": SIZE}
    outside = {"cluster_id": "", "rate": "chain_of_thought", "mean": 0.01, "spread": 0.05, "accounts": 500}
    found = codes(arrow, cluster_features=[inside, outside])["chain_of_thought"]
    assert (found["finding"], found["value"], found["weight"]) == ("extraction", 0.6, CONFIG.campaigns.cap_bits)
    assert "chain_of_thought" not in codes(arrow, cluster_features=[inside]), "nobody outside, nothing to compare with"


def test_ties_and_owners_are_said_together(arrow: Arrow) -> None:
    tie = {"cluster_id": "G-1", "kind": "shared_payment", "family": "identity", "values": 3, "most": 4, "pairs": 9,
           "tied": SIZE}  # fmt: skip
    found = codes(arrow, cluster_ties=[tie], tied_elsewhere=[{"kind": "shared_payment", "accounts": 500, "tied": 4}])
    assert {"shared_payment", "many_faces", "strangers_payment"} <= set(found)


def hours(active: np.ndarray) -> list[dict[str, Any]]:
    start = np.datetime64("2026-02-02T00", "h")
    members = [
        {"cluster_id": "G-1", "account_id": f"G-1{row}", "hour": str(start + int(hour)).replace("T", " ") + ":00",
         "accounts": 1}
        for row, hour in np.argwhere(active)
    ]  # fmt: skip
    others = [
        {"cluster_id": "", "account_id": "", "hour": str(start + hour).replace("T", " ") + ":00", "accounts": 40}
        for hour in range(active.shape[1])
    ]
    return members + others


@pytest.mark.parametrize("days, said", [(10, True), (CONFIG.campaigns.min_days - 1, False)])
def test_a_common_schedule_is_said_when_there_are_days_to_compare(arrow: Arrow, days: int, said: bool) -> None:
    random = np.random.default_rng(1)
    jobs = random.random(days * 24) < 0.15
    jobs[-1] = True
    active = random.random((SIZE, days * 24)) < np.where(jobs, 0.9, 0.01)
    assert ("synchrony" in codes(arrow, cluster_hours=hours(active))) is said


def reason(finding: str, weight: float) -> dict[str, Any]:
    return {"cluster_id": "G-1", **asdict(Reason("x", "seen", weight, "somebody", finding))}


def test_findings_come_from_the_rows_alone(arrow: Arrow) -> None:
    strong = CONFIG.campaigns.prior_bits + 6
    rows = arrow(tables.REASONS, *(reason(name, strong) for name in FINDINGS))
    (row,) = judged.judged(rows, clusters(arrow, **{"G-1": SIZE}), CONFIG).to_pylist()
    assert row["accounts"] == SIZE and row["confidence"] > CONFIG.standing.campaign_score
    assert all(row[name] > 0.9 for name in FINDINGS)


def test_households_are_not_judged(arrow: Arrow) -> None:
    few = CONFIG.campaigns.min_accounts - 1
    known_of = judged.known_clusters(clusters(arrow, **{"G-1": SIZE, "G-2": few}), CONFIG)
    assert set(known_of) == {"G-1"}


def test_no_clusters_no_rows(arrow: Arrow) -> None:
    assert len(judged.judged(arrow(tables.REASONS), clusters(arrow), CONFIG)) == 0
    assert len(judged.own(arrow(tables.CLUSTER_TEMPLATES), CONFIG)) == 0


def test_own_templates_say_how_pure_they_are(arrow: Arrow) -> None:
    made = judged.own(
        arrow(
            tables.CLUSTER_TEMPLATES,
            {"cluster_id": "G-1", "field": "prompt", "template_id": "T", "users": 20, "all_users": 20, "exchanges": 80,
             "all_exchanges": 100, "prompts": 0, "repeated": 0, "senders": 0.0, "ties": False},
            {"cluster_id": "G-1", "field": "prompt", "template_id": "U", "users": 20, "all_users": 900,
             "exchanges": 80, "all_exchanges": 9000, "prompts": 0, "repeated": 0, "senders": 0.0, "ties": False},
        ),
        CONFIG,
    )  # fmt: skip
    assert [(row["template_id"], row["share"]) for row in made.to_pylist()] == [("T", 0.8)]
