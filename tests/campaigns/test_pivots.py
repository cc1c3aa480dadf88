"""Pivots: days on which a campaign turned from one capability to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stillwatch import tables
from stillwatch.campaigns.pivots import MAX_P, MIN_DAYS, change_points, pivots
from stillwatch.config import Config

CONFIG = Config()


def mixed(*phases: tuple[int, float], seed: int = 1, a_day: int = 200) -> np.ndarray:
    """Days with that share of the second capability, of exchanges that come in batches of ten."""
    random = np.random.default_rng(seed)
    shares = [share for days, share in phases for _ in range(days)]
    second = np.array([10 * random.binomial(a_day // 10, share) for share in shares], float)
    return np.stack([a_day - second, second, np.zeros(len(shares))], axis=1)


@pytest.mark.parametrize(
    ("phases", "places"),
    [
        ([(28, 0.2)], []),
        ([(17, 0.02), (11, 0.3)], [17]),
        ([(10, 0.1), (10, 0.8), (10, 0.3)], [10, 20]),
        ([(MIN_DAYS, 0.9), (26, 0.1)], [MIN_DAYS]),
        ([(1, 0.9), (27, 0.1)], []),
        ([(14, 0.2), (14, 0.22)], []),
        ([(2 * MIN_DAYS - 1, 0.9)], []),
    ],
    ids=["none", "one", "two", "after the first days", "one odd day", "too little", "too few days"],
)
def test_change_points(phases: list[tuple[int, float]], places: list[int]) -> None:
    found = change_points(mixed(*phases), seed=3)
    assert [place for place, _ in found] == places
    assert all(p_value <= MAX_P for _, p_value in found)


@pytest.mark.parametrize(("share", "told"), [(0.23, 0), (0.27, 1)])
def test_less_than_a_twentieth_is_no_pivot(share: float, told: int) -> None:
    """Of twenty thousand exchanges a day either is beyond chance."""
    assert len(change_points(mixed((14, 0.2), (14, share), a_day=20_000), seed=3)) == told


def test_a_week_of_rhythm_is_no_pivot() -> None:
    """Weekends ask for other things; four of them are no turn."""
    assert change_points(mixed(*[(5, 0.2), (2, 0.6)] * 4), seed=3) == []


def test_days_that_scatter_are_seldom_a_pivot() -> None:
    """Each day has a share of its own, far more apart than exchanges one by one would be."""
    random = np.random.default_rng(5)
    found = [change_points(mixed(*((1, share) for share in random.beta(2, 5, 28)), seed=n), seed=n) for n in range(150)]
    assert sum(map(bool, found)) <= 6, "one in a hundred, and each part is looked at once more"


def days(cluster: str = "G-1", turn: int = 12, last: int = 24) -> list[dict[str, Any]]:
    """Coding, and from the day of the turn on reasoning as well."""
    return [
        {"cluster_id": cluster, "day": f"2026-02-{day:02} 00:00", "capability": capability, "exchanges": sent}
        for day in range(1, last)
        for capability, sent in (("coding", 80 + day % 3), ("reasoning", 2 if day < turn else 60 + day % 5))
    ]


def told(
    arrow: Any, rows: list[dict[str, Any]], *releases: dict[str, Any], confidence: float = 0.9
) -> list[dict[str, Any]]:
    judged = arrow(tables.JUDGED, {"cluster_id": "G-1", "confidence": confidence})
    made: list[dict[str, Any]] = pivots(
        arrow(tables.HARVEST_DAYS, *rows), judged, arrow(tables.LOG_RELEASES, *releases), CONFIG
    ).to_pylist()
    return made


def test_a_pivot_says_from_what_to_what_and_when(arrow: Any) -> None:
    (pivot,) = told(arrow, days())
    assert (pivot["from_capability"], pivot["to_capability"]) == ("coding", "reasoning")
    assert pivot["at"].isoformat() == "2026-02-12T00:00:00+00:00"
    assert pivot["to_before"] == pytest.approx(0.024, abs=0.001) and pivot["to_after"] == pytest.approx(0.43, abs=0.01)
    assert pivot["from_before"] + pivot["to_before"] == pytest.approx(1.0)
    assert pivot["p_value"] <= MAX_P and pivot["new_model"] is None


@pytest.mark.parametrize(
    ("released_at", "said"),
    [("2026-02-11 06:00", "m2"), ("2026-02-12 20:00", "m2"), ("2026-02-10 17:00", None), ("2026-02-13 08:00", None)],
)
def test_a_release_within_a_day_is_said(arrow: Any, released_at: str, said: str | None) -> None:
    (pivot,) = told(arrow, days(), {"model": "m2", "released_at": released_at})
    assert pivot["new_model"] == said


def test_only_campaigns_are_described(arrow: Any) -> None:
    assert told(arrow, days(), confidence=CONFIG.standing.campaign_score - 0.01) == []
    assert told(arrow, days("G-2")) == []


def test_each_pivot_is_told_against_the_stretch_before_it(arrow: Any) -> None:
    """Reasoning from the 9th, and from the 17th grading in its place."""
    rows = [
        {**one, "capability": "judging"} if one["capability"] == "reasoning" and int(one["day"][8:10]) >= 17 else one
        for one in days(turn=9)
    ]
    first, second = told(arrow, rows)
    assert [(one["at"].day, one["from_capability"], one["to_capability"]) for one in (first, second)] == [
        (9, "coding", "reasoning"), (17, "reasoning", "judging"),
    ]  # fmt: skip
    assert first["to_after"] == second["from_before"] and second["from_after"] == 0.0


def test_harvested_days(engine: Any) -> None:
    at = ("2026-02-01 23:59", "2026-02-02 00:00", "2026-02-02 23:00")
    rows = [
        {"exchange_id": f"e{n}", "account_id": "a", "cluster_id": "G-1", "timestamp": when, "capability": "coding"}
        for n, when in enumerate(at)
    ]
    made = engine.stage("harvest_days", harvest=[*rows, {**rows[2], "capability": "chat"}])
    assert [(one["day"].day, one["capability"], one["exchanges"]) for one in made] == [
        (2, "chat", 1), (1, "coding", 1), (2, "coding", 2),
    ]  # fmt: skip
