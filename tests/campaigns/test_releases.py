"""Releases: a cluster that jumps on a new model, among a population that also moves."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch import tables
from stillwatch.campaigns.releases import ENOUGH_EXCHANGES, WITHIN_HOURS
from stillwatch.campaigns.response import release_reasons, release_response
from stillwatch.config import Config

BOTH = pytest.mark.engines("duckdb", "spark")
pytestmark = pytest.mark.engines("duckdb")  # a plan of this size takes Spark seconds: BOTH show that it says the same

CONFIG = Config().campaigns
SIZE = max(CONFIG.min_accounts, 6)
LOG = {"first_seen": "2026-02-01 00:00", "last_seen": "2026-02-09 00:00"}


def hours(
    account: str, old: int, new: int, hour: str = "2026-02-05 14:00", template: str | None = None
) -> list[dict[str, Any]]:
    """So many exchanges with either model in that hour."""
    return [
        {"account_id": account, "timestamp": hour, "model": model, "exchange_id": f"{account}-{model}-{hour}-{n}",
         "template_id": template}
        for model, count in (("old", old), ("new", new)) for n in range(count)
    ]  # fmt: skip


def counted(engine: Any, *rows: list[dict[str, Any]], members: int = SIZE, own: str = "") -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = engine.stage(
        "account_releases",
        uses=[row for one in rows for row in one],
        releases=[{"model": "new", "released_at": "2026-02-05 12:30"}],
        candidates=[{"account_id": f"m{n}", "cluster_id": "G-1"} for n in range(members)],
        own_templates=[{"cluster_id": "G-1", "field": "prompt", "template_id": own, "share": 1.0}] if own else [],
    )
    return made


def measured(
    engine: Any, arrow: Any, *rows: list[dict[str, Any]], members: int = SIZE, own: str = ""
) -> list[dict[str, Any]]:
    """Every stage of releases, one after another."""
    by_account = counted(engine, *rows, members=members, own=own)
    given = {
        tables.CLUSTER_RELEASES: {},
        tables.RELEASE_SHARES: {},
        tables.RELEASE_DAYS: {"accounts": [{"account_id": "a", **LOG}]},
    }
    known = {
        table.name: arrow(table, *engine.stage(table.name, account_releases=by_account, **more))
        for table, more in given.items()
    }
    made: list[dict[str, Any]] = release_response(known, CONFIG).to_pylist()
    return made


def everybody(old: int, new: int) -> list[dict[str, Any]]:
    return [row for n in range(40) for row in hours(f"p{n}", old + n % 3, new)]


@BOTH
def test_members_against_everybody(engine: Any, arrow: Any) -> None:
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 1, 9)]
    (row,) = measured(engine, arrow, members, everybody(8, 2))
    assert (row["accounts"], row["exchanges"], row["moved"]) == (SIZE, 10 * SIZE, 9 * SIZE)
    assert row["mean"] == 0.9 and 0.15 < row["population_share"] < 0.2 and row["hours"] == WITHIN_HOURS
    (reason,) = release_reasons([row], CONFIG)
    assert (reason.code, reason.value) == ("release_response", 0.9)
    assert 0 < reason.weight <= CONFIG.cap_bits


def test_moving_with_everybody_says_nothing(engine: Any, arrow: Any) -> None:
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 1, 9)]
    (row,) = measured(engine, arrow, members, everybody(1, 9))
    assert row["p_value"] > CONFIG.max_p and release_reasons([row], CONFIG) == []


@BOTH
def test_a_busy_cluster_is_compared_with_the_busy(engine: Any, arrow: Any) -> None:
    """Members moved a third, as whoever sends as many did; the many who send little hardly moved."""
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 66, 34)]
    busy = [row for n in range(30) for row in hours(f"q{n}", 66 + n % 3, 34)]
    idle = [row for n in range(400) for row in hours(f"i{n}", 2, 0)]
    (row,) = measured(engine, arrow, members, busy, idle)
    assert row["population_share"] == pytest.approx(0.34, abs=0.01) and release_reasons([row], CONFIG) == []
    (among_idle,) = measured(engine, arrow, members, idle)
    assert release_reasons([among_idle], CONFIG), "of its class there are too few: everybody is compared with"


@BOTH
def test_resold_traffic_moves_as_its_customers_do(engine: Any, arrow: Any) -> None:
    """Half of what members send is others'; what they send with their own template jumped."""
    own = [row for n in range(SIZE) for row in hours(f"m{n}", 2, 8, template="T")]
    resold = [row for n in range(SIZE) for row in hours(f"m{n}", 40, 2, template="U")]
    crowd = everybody(8, 2)
    assert release_reasons(measured(engine, arrow, own, resold, crowd), CONFIG) == []
    (row,) = measured(engine, arrow, own, resold, crowd, own="T")
    assert (row["exchanges"], row["moved"]) == (10 * SIZE, 8 * SIZE)
    assert release_reasons([row], CONFIG)


def test_a_few_do_not_speak_for_everybody(engine: Any, arrow: Any) -> None:
    """Three evaluators send most of the day's exchanges, all to the new model: that hides no jump of sixteen accounts."""
    members = [row for n in range(16) for row in hours(f"m{n}", 3, 7)]
    few = [row for n in range(3) for row in hours(f"q{n}", 0, 600)]
    (row,) = measured(engine, arrow, members, few, everybody(8, 2), members=16)
    assert 0.2 < row["population_share"] < 0.3 and len(release_reasons([row], CONFIG)) == 1


def test_the_busy_tenth_counts_when_it_is_more(engine: Any, arrow: Any) -> None:
    """Ten of fifty send seven times as much, nearly all to the new model, and are too few for a class of their own."""
    members = [row for n in range(SIZE) for row in hours(f"m{n}", 4, 6)]
    busy = [row for n in range(10) for row in hours(f"q{n}", 7, 63)]
    (row,) = measured(engine, arrow, members, busy, everybody(9, 1))
    assert row["population_share"] > 0.5 and release_reasons([row], CONFIG) == []


@pytest.mark.parametrize("new, said", [(2, 0), (4, 1)])
def test_less_than_a_third_is_no_jump(engine: Any, arrow: Any, new: int, said: int) -> None:
    """Others hardly moved: a fifth is far more than that, and still no turn to the new model."""
    members = [row for n in range(30) for row in hours(f"m{n}", 10 - new, new)]
    (row,) = measured(engine, arrow, members, [row for n in range(40) for row in hours(f"p{n}", 10, 0)], members=30)
    assert row["p_value"] <= CONFIG.max_p and len(release_reasons([row], CONFIG)) == said


def test_only_the_first_hours_count(engine: Any, arrow: Any) -> None:
    early = [row for n in range(SIZE) for row in hours(f"m{n}", 5, 0, "2026-02-05 11:00")]
    late = [row for n in range(SIZE) for row in hours(f"m{n}", 0, 5, "2026-02-06 14:00")]
    assert measured(engine, arrow, early, late, everybody(8, 2)) == []


def test_few_members_say_nothing(engine: Any, arrow: Any) -> None:
    few = CONFIG.min_accounts - 1
    members = [row for n in range(few) for row in hours(f"m{n}", 0, 9)]
    assert release_reasons(measured(engine, arrow, members, everybody(8, 2), members=few), CONFIG) == []


def test_without_a_population_nothing_is_said(engine: Any, arrow: Any) -> None:
    (row,) = measured(engine, arrow, [row for n in range(SIZE) for row in hours(f"m{n}", 0, 9)])
    assert (row["population_share"], row["p_value"]) == (None, 1.0)
    assert release_reasons([row], CONFIG) == []


def test_a_handful_needs_more_than_a_normal_test_thinks(engine: Any, arrow: Any) -> None:
    """One in five of the others moved wholly: five of six are not one in a thousand, whatever a normal test of means says."""
    crowd = [row for n in range(50) for row in hours(f"p{n}", *((0, 9) if n % 5 == 0 else (9, 0)))]
    members = [row for n in range(6) for row in hours(f"m{n}", *((0, 9) if n < 5 else (9, 0)))]
    (row,) = measured(engine, arrow, members, crowd, members=6)
    assert 0.005 < row["p_value"] < 0.05 and release_reasons([row], CONFIG) == []


def test_hours_until_half_of_the_share(engine: Any, arrow: Any) -> None:
    """Nobody moves for five hours, then everybody: a sixth of what was sent by hour 6, two fifths by hour 8."""
    at = [f"2026-02-05 {13 + hour}:00" for hour in range(10)]
    members = [row for hour, when in enumerate(at) for row in hours("m0", *((6, 0) if hour < 5 else (0, 6)), hour=when)]
    (row,) = measured(engine, arrow, members, everybody(8, 2))
    assert row["moved"] / row["exchanges"] == 0.5
    assert row["half_hours"] == 7.0, "12 of 42 had moved by then: 0.29 is more than half of 0.5"


@pytest.mark.parametrize("sent, known", [(ENOUGH_EXCHANGES - 1, None), (ENOUGH_EXCHANGES, 2.0)])
def test_of_few_exchanges_no_half_is_told(engine: Any, arrow: Any, sent: int, known: float | None) -> None:
    (row,) = measured(engine, arrow, hours("m0", 0, sent), everybody(8, 2))
    assert row["half_hours"] == known


@BOTH
def test_who_never_moves_has_no_half(engine: Any, arrow: Any) -> None:
    (row,) = measured(engine, arrow, hours("m0", 50, 0), everybody(8, 2))
    assert row["half_hours"] is None


def test_days_are_counted_from_the_release_and_only_whole_ones_kept(engine: Any) -> None:
    """Released on the 5th at 12:30; the log begins on the 1st and ends on the 9th at midnight, half a day after day 2."""
    at = ("01 11:00", "01 13:00", "05 12:29", "05 12:30", "06 12:30", "08 13:00")
    rows = counted(engine, *(hours("m0", 1, 1, f"2026-02-{when}") for when in at), members=1)
    assert [(one["window"], one["hour"], one["exchanges"], one["moved"]) for one in rows] == [
        (-1, None, 2, 1), (-4, None, 2, 1), (-5, None, 2, 1), (0, 0, 2, 1), (1, None, 2, 1), (3, None, 2, 1),
    ]  # fmt: skip
    days = engine.stage("release_days", account_releases=rows, accounts=[{"account_id": "m0", **LOG}])
    assert sorted(one["window"] for one in days) == [-4, -1, 0, 1], "-5 begins before the log, 3 ends after it"


def test_of_everybody_none_counts_for_more_than_the_busiest_tenth_begins_with(engine: Any) -> None:
    crowd = [hours(f"p{n}", 10, 0) for n in range(19)]
    rows = counted(engine, *crowd, hours("big", 500, 0), members=0)
    (day,) = engine.stage("release_days", account_releases=rows, accounts=[{"account_id": "a", **LOG}])
    assert (day["cluster_id"], day["window"], day["exchanges"]) == ("", 0, 200.0)


def test_shares_are_counted_in_twentieths(engine: Any) -> None:
    rows = counted(engine, hours("m0", 3, 1), hours("m1", 3, 1), hours("p0", 21, 19), hours("p1", 0, 1), members=2)
    shares = engine.stage("release_shares", account_releases=rows)
    told = {(one["cluster_id"], one["volume"], one["step"], one["accounts"]) for one in shares}
    assert told == {("G-1", 2, 5, 2), ("", 5, 10, 1), ("", 0, 20, 1)}
