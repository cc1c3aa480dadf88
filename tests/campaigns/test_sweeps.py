"""Sweeps: many techniques in a short time, among groups that try some all the time, and people who are refused now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from stillwatch import tables
from stillwatch.campaigns.sweeps import LEAST_P, UNCLUSTERED, Population, sweep_reasons, sweep_windows
from stillwatch.config import Config

CONFIG = Config().campaigns
ENOUGH = CONFIG.min_techniques
FIRST = datetime(2026, 2, 2, tzinfo=UTC)
DAYS = 14
Arrow = Callable[..., Any]
# Of 10,000 account-days one is refused ten times, as many are once; the rest never: a heavy tail.
ORDINARY = {"groups": 9, "sent": 200_000.0, "techniques": 20.0, "sent_squared": 6e6, "techniques_squared": 110.0,
            "products": 900.0}  # fmt: skip


def hours(
    name: str, tried: Callable[[int], float], sent: Callable[[int], float], accounts: int = 12
) -> list[dict[str, Any]]:
    """What a group of so many accounts, which share the work evenly, did in each hour."""
    return [
        {"cluster_id": name, "hour": FIRST + timedelta(hours=n), "techniques": int(tried(n)), "sent": int(sent(n)),
         "sent_squared": int(sent(n)) ** 2 / accounts}
        for n in range(24 * DAYS)
        if sent(n) or tried(n)
    ]  # fmt: skip


def found(arrow: Arrow, *groups: list[dict[str, Any]], **changes: Any) -> dict[str, list[tuple[int, int]]]:
    """Group → spans, in hours from the start."""
    rows = sweep_windows(
        arrow(tables.SWEEP_HOURS, *(row for group in groups for row in group)),
        arrow(tables.TECHNIQUE_SPREAD, {**ORDINARY, **changes}),
        CONFIG,
    )
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in rows.to_pylist():
        begins, ends = ((row[name] - FIRST) / timedelta(hours=1) for name in ("begins", "ends"))
        spans.setdefault(row["cluster_id"], []).append((int(begins), int(ends)))
    return spans


def between(first: int, last: int, inside: float, outside: float = 0.0) -> Callable[[int], float]:
    return lambda hour: inside if first <= hour < last else outside


def everybody(extra: Callable[[int], float] = lambda hour: 0.0, seed: int = 1) -> list[dict[str, Any]]:
    """Accounts in no cluster: refused at random, some days twice as often as others."""
    random = np.random.default_rng(seed)
    daily = random.gamma(4.0, 1 / 4.0, DAYS)
    noise = [int(random.poisson(3.0 * daily[hour // 24])) for hour in range(24 * DAYS)]
    return hours(UNCLUSTERED, lambda hour: noise[hour] + extra(hour), lambda hour: 1_000 + 500 * (hour % 24 > 8))


SWEPT = between(100, 130, 2 * ENOUGH / 30)


def test_a_sweep_of_two_days_by_a_group_that_did_other_things_before(arrow: Arrow) -> None:
    assert found(arrow, hours("G-1", SWEPT, lambda hour: 20)) == {"G-1": [(100, 130)]}


def test_a_sweep_by_accounts_that_never_did_anything_else(arrow: Arrow) -> None:
    assert found(arrow, hours("G-1", SWEPT, SWEPT)) == {"G-1": [(100, 130)]}


@pytest.mark.parametrize(
    ("told", "tried", "sent"),
    [
        ("refused all the time", lambda hour: 15, lambda hour: 20),
        ("often refused, on one day more", between(100, 124, 6, 1), lambda hour: 20),
        ("a few dozen", between(100, 130, (ENOUGH - 10) / 30), lambda hour: 20),
        ("refused like others, but huge", between(100, 130, 5, 1), lambda hour: 100_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_sweep(arrow: Arrow, told: str, tried: Callable[[int], float], sent: Callable[[int], float]) -> None:
    assert found(arrow, hours("G-1", tried, sent)) == {}, told


def test_one_account_that_sends_nearly_all_is_no_group(arrow: Arrow) -> None:
    heavy = {"techniques": 200.0, "techniques_squared": 10_000.0, "products": 12_000.0}  # some are refused at every try
    few = between(100, 130, 5)
    assert found(arrow, hours("G-1", few, few, accounts=30), **heavy) == {"G-1": [(100, 130)]}
    assert found(arrow, hours("G-1", few, few, accounts=1), **heavy) == {}


def test_where_some_are_refused_a_hundred_times_a_day_a_hundred_is_no_sweep(arrow: Arrow) -> None:
    few = hours("G-1", between(100, 130, 5), lambda hour: 20)
    assert found(arrow, few) == {"G-1": [(100, 130)]}
    # One account-day in a thousand with nothing but refusals: 1,000 of them in a million exchanges.
    assert found(arrow, few, techniques=2_000.0, techniques_squared=2_000.0 * 200, products=2_000.0 * 200) == {}


def test_accounts_that_nothing_ties_sweep_together(arrow: Arrow) -> None:
    assert found(arrow, everybody()) == {}
    (span,) = found(arrow, everybody(between(200, 240, 60)))[UNCLUSTERED]
    assert 190 <= span[0] <= 200 and 240 <= span[1] <= 250  # they are refused now and then before and after as well


@pytest.mark.parametrize("seed", range(20))
def test_days_that_differ_are_no_sweep(arrow: Arrow, seed: int) -> None:
    assert found(arrow, everybody(seed=seed)) == {}


@pytest.mark.parametrize("seed", range(20))
def test_nor_are_days_that_differ_wildly(arrow: Arrow, seed: int) -> None:
    daily = np.random.default_rng(seed).exponential(1.0, DAYS)  # one day in fifty is four times the mean
    noise = [np.random.default_rng((seed, hour)).poisson(30 * daily[hour // 24]) for hour in range(24 * DAYS)]
    assert found(arrow, hours(UNCLUSTERED, lambda hour: noise[hour], lambda hour: 2_000)) == {}


def test_a_log_too_short_to_know_what_is_usual_says_nothing_of_the_untied(arrow: Arrow) -> None:
    for hours_of_log, told in ((28, False), (60, True)):
        log = [row for row in everybody(between(12, 18, 300)) if row["hour"] < FIRST + timedelta(hours=hours_of_log)]
        assert bool(found(arrow, log)) is told


def test_two_sweeps_are_told_apart(arrow: Arrow) -> None:
    twice = hours("G-1", lambda hour: 20 * (50 <= hour < 60 or 250 <= hour < 260), lambda hour: 30)
    assert sorted(found(arrow, twice)["G-1"]) == [(50, 60), (250, 260)]


def test_the_more_groups_the_more_it_takes(arrow: Arrow) -> None:
    rows, spread = hours("G-1", SWEPT, lambda hour: 20), arrow(tables.TECHNIQUE_SPREAD, {**ORDINARY, "groups": 10**15})
    assert len(sweep_windows(arrow(tables.SWEEP_HOURS, *rows), spread, CONFIG)) == 0


def test_the_population_is_fitted_by_moments() -> None:
    random = np.random.default_rng(3)
    sent = random.integers(1, 60, 200_000).astype(float)
    tried = random.poisson(0.01 * sent * random.gamma(1 / 8.0, 8.0, len(sent)))  # overdispersion 8
    fitted = Population.fitted(
        {"sent": sent.sum(), "techniques": tried.sum(), "sent_squared": (sent**2).sum(),
         "techniques_squared": float((tried**2).sum()), "products": float((sent * tried).sum())}
    )  # fmt: skip
    assert fitted.rate == pytest.approx(0.01, rel=0.05)
    assert fitted.overdispersion == pytest.approx(8.0, rel=0.15)


def test_the_reason_says_what_was_seen_and_weighs_no_more_than_it_may() -> None:
    row = {"cluster_id": "G-1", "begins": FIRST, "ends": FIRST + timedelta(hours=30), "expected": 0.4, "p_value": LEAST_P,
           "techniques": 2_000, "accounts": 12, "exchanges": 2_100, "refused": 1_785}  # fmt: skip
    (reason,) = sweep_reasons([{**row, "techniques": 300}, row], CONFIG)
    assert reason.code == "probing_sweep" and reason.finding == "extraction"
    assert reason.weight == CONFIG.sweep_bits and reason.value == 2_000
    assert "2,000 different techniques" in reason.text and "30 hours" in reason.text and "85%" in reason.text
    assert "cluster_id = 'G-1'" in reason.query and "red team" in reason.innocent_explanation
    (weak,) = sweep_reasons([{**row, "expected": 500.0}], replace(CONFIG, sweep_bits=9.0))
    assert weak.weight == pytest.approx(2.0)
    assert sweep_reasons([], CONFIG) == []
