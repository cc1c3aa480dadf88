"""Releases: a cluster that jumps on a new model, among a population that also moves."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.releases import WITHIN_HOURS, release_p, release_reasons
from stillwatch.config import Config

CONFIG = Config().campaigns
SIZE = max(CONFIG.min_accounts, 6)


def hours(
    account: str, old: int, new: int, hour: str = "2026-02-05 14:00", template: str | None = None
) -> list[dict[str, Any]]:
    """So many exchanges with either model in that hour."""
    return [
        {"account_id": account, "timestamp": hour, "model": model, "exchange_id": f"{account}-{model}-{n}",
         "template_id": template}
        for model, count in (("old", old), ("new", new)) for n in range(count)
    ]  # fmt: skip


def measured(engine: Any, *rows: list[dict[str, Any]], members: int = SIZE, own: str = "") -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = engine.stage(
        "cluster_releases",
        uses=[row for one in rows for row in one],
        releases=[{"model": "new", "released_at": "2026-02-05 12:30"}],
        candidates=[{"account_id": f"m{n}", "cluster_id": "G-1"} for n in range(members)],
        own_templates=[{"cluster_id": "G-1", "field": "prompt", "template_id": own, "share": 1.0}] if own else [],
    )
    return made


def everybody(old: int, new: int) -> list[dict[str, Any]]:
    return [row for n in range(40) for row in hours(f"p{n}", old + n % 3, new)]


def test_members_against_everybody(engine: Any) -> None:
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 1, 9)]
    (row,) = measured(engine, members, everybody(8, 2))
    assert (row["accounts"], row["exchanges"], row["moved"]) == (SIZE, 10 * SIZE, 9 * SIZE)
    assert row["mean"] == 0.9 and 0.15 < row["population_share"] < 0.2 and row["hours"] == WITHIN_HOURS
    (reason,) = release_reasons([row], CONFIG)
    assert (reason.code, reason.value) == ("release_response", 0.9)
    assert 0 < reason.weight <= CONFIG.cap_bits


def test_moving_with_everybody_says_nothing(engine: Any) -> None:
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 1, 9)]
    (row,) = measured(engine, members, everybody(1, 9))
    assert release_p(row) > CONFIG.max_p and release_reasons([row], CONFIG) == []


def test_a_busy_cluster_is_compared_with_the_busy(engine: Any) -> None:
    """Members moved a third, as whoever sends as many did; the many who send little hardly moved."""
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 66, 34)]
    busy = [row for n in range(30) for row in hours(f"q{n}", 66 + n % 3, 34)]
    idle = [row for n in range(400) for row in hours(f"i{n}", 2, 0)]
    (row,) = measured(engine, members, busy, idle)
    assert row["population_share"] == pytest.approx(0.34, abs=0.01) and release_reasons([row], CONFIG) == []
    (among_idle,) = measured(engine, members, idle)
    assert release_reasons([among_idle], CONFIG), "of its class there are too few: everybody is compared with"


def test_resold_traffic_moves_as_its_customers_do(engine: Any) -> None:
    """Half of what members send is others'; what they send with their own template jumped."""
    own = [row for n in range(SIZE) for row in hours(f"m{n}", 2, 8, template="T")]
    resold = [row for n in range(SIZE) for row in hours(f"m{n}", 40, 2, template="U")]
    crowd = everybody(8, 2)
    assert release_reasons(measured(engine, own, resold, crowd), CONFIG) == []
    (row,) = measured(engine, own, resold, crowd, own="T")
    assert (row["exchanges"], row["moved"]) == (10 * SIZE, 8 * SIZE)
    assert release_reasons([row], CONFIG)


def test_a_few_do_not_speak_for_everybody(engine: Any) -> None:
    """Three evaluators send most of the day's exchanges, all to the new model: that hides no jump of sixteen accounts."""
    members = [row for n in range(16) for row in hours(f"m{n}", 3, 7)]
    few = [row for n in range(3) for row in hours(f"q{n}", 0, 600)]
    (row,) = measured(engine, members, few, everybody(8, 2), members=16)
    assert 0.2 < row["population_share"] < 0.3 and len(release_reasons([row], CONFIG)) == 1


def test_the_busy_tenth_counts_when_it_is_more(engine: Any) -> None:
    """Ten of fifty send seven times as much, nearly all to the new model, and are too few for a class of their own."""
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 4, 6)]
    busy = [row for n in range(10) for row in hours(f"q{n}", 7, 63)]
    (row,) = measured(engine, members, busy, everybody(9, 1))
    assert row["population_share"] > 0.5 and release_reasons([row], CONFIG) == []


@pytest.mark.parametrize("new, said", [(2, 0), (4, 1)])
def test_less_than_a_third_is_no_jump(engine: Any, new: int, said: int) -> None:
    """Others hardly moved: a fifth is far more than that, and still no turn to the new model."""
    members = [row for n in range(30) for row in hours(f"m{n}", 10 - new, new)]
    (row,) = measured(engine, members, [row for n in range(40) for row in hours(f"p{n}", 10, 0)], members=30)
    assert release_p(row) <= CONFIG.max_p and len(release_reasons([row], CONFIG)) == said


def test_only_the_first_hours_count(engine: Any) -> None:
    early = [row for n in range(SIZE) for row in hours(f"m{n}", 5, 0, "2026-02-05 11:00")]
    late = [row for n in range(SIZE) for row in hours(f"m{n}", 0, 5, "2026-02-06 14:00")]
    assert measured(engine, early, late, everybody(8, 2)) == []


def test_few_members_say_nothing(engine: Any) -> None:
    few = CONFIG.min_accounts - 1
    members = [row for n in range(few) for row in hours(f"m{n}", 0, 9)]
    assert release_reasons(measured(engine, members, everybody(8, 2), members=few), CONFIG) == []


def test_without_a_population_nothing_is_said(engine: Any) -> None:
    (row,) = measured(engine, [row for n in range(SIZE) for row in hours(f"m{n}", 0, 9)])
    assert (row["population_share"], release_p(row)) == (None, 1.0)
    assert release_reasons([row], CONFIG) == []
