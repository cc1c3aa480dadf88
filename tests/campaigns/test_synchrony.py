"""Synchrony: a common schedule is found, the daily rhythm that innocents share is not, and chance is uniform."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.campaigns.synchrony import HOURS, synchrony
from stillwatch.config import Config

CONFIG = replace(Config().campaigns, synchrony_shuffles=99)
DAYS, MEMBERS = 14, 25
RHYTHM = np.tile(np.r_[np.full(8, 0.02), np.full(12, 0.3), np.full(4, 0.1)], DAYS)  # everybody sleeps


def test_chance_gives_uniform_p_values() -> None:
    """Under the null, p-values are uniform: neither too many small ones nor too few."""
    random = np.random.default_rng(1)
    p_values = [
        synchrony((random.random((12, DAYS * HOURS)) < RHYTHM).astype(float), RHYTHM, 0, CONFIG, seed)[1]
        for seed in range(60)
    ]
    assert 0.35 < float(np.mean(p_values)) < 0.65
    assert np.mean(np.array(p_values) <= 0.1) <= 0.25
    assert min(p_values) >= 1 / (CONFIG.synchrony_shuffles + 1)


def test_a_common_schedule_is_found() -> None:
    random = np.random.default_rng(2)
    jobs = random.random(DAYS * HOURS) < 0.12
    active = (random.random((MEMBERS, DAYS * HOURS)) < np.where(jobs, 0.8, 0.02)).astype(float)
    excess, p_value = synchrony(active, RHYTHM, 0, CONFIG, 1)
    assert excess > CONFIG.min_excess and p_value == 1 / (CONFIG.synchrony_shuffles + 1)


@pytest.mark.parametrize("wakes", [0, 7], ids=["as everybody", "in another time zone"])
def test_a_common_daily_rhythm_is_not_a_schedule(wakes: int) -> None:
    random = np.random.default_rng(3)
    active = (random.random((MEMBERS, DAYS * HOURS)) < np.roll(RHYTHM, wakes)).astype(float)
    excess, _ = synchrony(active, RHYTHM, 0, CONFIG, 1)
    assert excess < CONFIG.min_excess


def test_free_weekends_are_not_a_schedule() -> None:
    random = np.random.default_rng(4)
    weekend = (np.arange(DAYS).repeat(HOURS) + 2) % 7 >= 5  # the first day is a Wednesday
    active = (random.random((MEMBERS, DAYS * HOURS)) < np.where(weekend, 0.0, RHYTHM)).astype(float)
    assert synchrony(active, RHYTHM, 2, CONFIG, 1)[0] < CONFIG.min_excess


def test_the_same_seed_gives_the_same_answer() -> None:
    active = (np.random.default_rng(5).random((MEMBERS, DAYS * HOURS)) < RHYTHM).astype(float)
    assert synchrony(active, RHYTHM, 0, CONFIG, 7) == synchrony(active, RHYTHM, 0, CONFIG, 7)
    assert synchrony(active, RHYTHM, 0, CONFIG, 7)[0] != synchrony(active, RHYTHM, 0, CONFIG, 8)[0]
