"""The volume of the day after a release, against the week before, everybody and other days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from stillwatch import tables
from stillwatch.campaigns.response import most_bits, release_reasons, release_response
from stillwatch.campaigns.volume import MIN_PLACEBOS, WEEK, growth
from stillwatch.config import Config

CONFIG = Config().campaigns
RELEASED = datetime(2026, 2, 10, 17, tzinfo=UTC)
DAYS = range(-15, 12)


def level(volume: float, days: range = DAYS, **changed: float) -> dict[int, float]:
    """The same each day, but for days named: `d0=300`, `m1=90` for the day before."""
    changes = {int(name[1:]) * (-1 if name[0] == "m" else 1): value for name, value in changed.items()}
    return {day: changes.get(day, volume) for day in days}


def noisy(seed: int, volume: float = 100.0) -> dict[int, float]:
    random = np.random.default_rng(seed)
    return {day: volume * float(random.lognormal(0, 0.3)) for day in DAYS}


def test_a_surge_stands_out_of_all_other_days() -> None:
    made = growth(level(99, d0=399), level(999), (), 1.0)
    assert made is not None and made.ratio == pytest.approx(4.0) and made.population_ratio == pytest.approx(1.0)
    placebos = len(DAYS) - WEEK - 1
    assert made.p_value == 1 / (1 + placebos) == 0.05


def test_everybody_surging_is_taken_off() -> None:
    """Both quadruple: what stands out is nothing, and the cluster's other days are as far from everybody's."""
    made = growth(level(99, d0=399), level(999, d0=3999), (), 1.0)
    assert made is not None and made.ratio == pytest.approx(made.population_ratio) and made.p_value == 1.0


def test_an_ordinary_day_is_one_of_many() -> None:
    """Of noise alone, no more of the days look like a surge than the p-value says."""
    p_values = [made.p_value or 0 for seed in range(300) if (made := growth(noisy(seed), level(999), (), 1.0))]
    assert len(p_values) == 300 and np.mean(np.array(p_values) <= 0.05) < 0.09 and 0.4 < np.mean(p_values) < 0.65


def test_who_was_not_there_before_has_no_growth() -> None:
    assert growth(level(99, range(-WEEK + 1, 12)), level(999), (), 1.0) is None
    assert growth(level(99, range(-15, -1)), level(999), (), 1.0) is None, "and who had stopped"
    assert growth({}, level(999), (), 1.0) is None
    assert growth(level(99), level(999, range(-15, 0)), (), 1.0) is None, "the day after is not over yet"


@pytest.mark.parametrize("placebos, told", [(MIN_PLACEBOS - 1, False), (MIN_PLACEBOS, True)])
def test_few_other_days_give_no_p_value(placebos: int, told: bool) -> None:
    days = range(-WEEK, placebos + 1)
    made = growth(level(99, days, d0=399), level(999), (), 1.0)
    assert made is not None and made.ratio > 3 and (made.p_value is not None) is told


def test_days_that_another_release_touched_are_no_placebos() -> None:
    mine = level(99, d0=399, d5=799, d6=799)
    alone, told = growth(mine, level(999), (), 1.0), growth(mine, level(999), {5, 6}, 1.0)
    assert alone is not None and told is not None and alone.p_value is not None and told.p_value is not None
    assert alone.p_value > 0.05 and told.p_value == 1 / (len(DAYS) - WEEK - 2)


def respond(arrow: Any, mine: dict[int, float], others: dict[int, float], **row: Any) -> dict[str, Any]:
    """The response to a release that 9 of 10 exchanges of forty accounts went to, and hardly any of the others'."""
    moved = {
        "cluster_id": "G-1", "new_model": "new", "released_at": RELEASED, "hours": 24.0, "accounts": 40, "exchanges": 400,
        "moved": 360, "mean": 0.9, "population_share": 0.1, "half_hours": 1.0, **row,
    }  # fmt: skip
    shares = [("G-1", 18, 40), ("", 0, 90), ("", 20, 10)]
    known = {
        "cluster_releases": arrow(tables.CLUSTER_RELEASES, moved),
        "release_shares": arrow(
            tables.RELEASE_SHARES,
            *(
                {"cluster_id": cluster, "new_model": "new", "volume": 3, "step": step, "accounts": number}
                for cluster, step, number in shares
            ),
        ),
        "release_days": arrow(
            tables.RELEASE_DAYS,
            *(
                {"cluster_id": cluster, "new_model": "new", "released_at": RELEASED, "window": day, "exchanges": sent}
                for cluster, days in (("G-1", mine), ("", others))
                for day, sent in days.items()
            ),
        ),
    }
    (made,) = release_response(known, CONFIG).to_pylist()
    answer: dict[str, Any] = made
    return answer


def test_a_jump_with_a_surge_gives_two_reasons(arrow: Any) -> None:
    row = respond(arrow, level(99, d0=399), level(999, d0=1199))
    moved, surged = release_reasons([row], CONFIG)
    assert (moved.code, surged.code, surged.p_value) == ("release_response", "release_volume", 0.05)
    assert "4.0 times" in surged.text and "1.2 times" in surged.text and surged.innocent_explanation
    assert surged.weight == pytest.approx(most_bits(0.05)) == pytest.approx(1.3, abs=0.02), (
        "a p of 0.05 carries no more"
    )


@pytest.mark.parametrize(
    ("mine", "others", "row"),
    [
        (level(99, d0=399), level(999), {"moved": 40}),
        (level(99, d0=180), level(999), {}),
        (level(99, d0=399), level(999, d0=2999), {}),
        (level(99, d0=399, m5=900), level(999), {}),
        (level(99, range(-WEEK, 3), d0=399), level(999), {}),
    ],
    ids=["no jump", "less than double", "everybody surged", "it surged before", "too few days"],
)
def test_no_reason_of_volume(arrow: Any, mine: dict[int, float], others: dict[int, float], row: dict[str, Any]) -> None:
    told = release_reasons([respond(arrow, mine, others, **row)], CONFIG)
    assert "release_volume" not in [reason.code for reason in told]


def test_the_day_of_another_release_is_known_from_the_log(arrow: Any) -> None:
    """Two releases five days apart, each with a surge: neither is a placebo of the other."""
    surges = level(99, d0=399, d5=799, d6=799)
    first = respond(arrow, surges, level(999))
    assert first["volume_p_value"] > 0.05
    days = [
        {"cluster_id": cluster, "new_model": model, "released_at": RELEASED + timedelta(days=later), "window": day - later,
         "exchanges": sent}
        for model, later in (("new", 0), ("newer", 5))
        for cluster, by_day in (("G-1", surges), ("", level(999)))
        for day, sent in by_day.items()
    ]  # fmt: skip
    known = {
        "cluster_releases": arrow(tables.CLUSTER_RELEASES, {key: first[key] for key in tables.CLUSTER_RELEASES.names}),
        "release_shares": arrow(tables.RELEASE_SHARES),
        "release_days": arrow(tables.RELEASE_DAYS, *days),
    }
    (row,) = release_response(known, CONFIG).to_pylist()
    assert row["volume_p_value"] == pytest.approx(1 / 18) and row["p_value"] == 1.0
