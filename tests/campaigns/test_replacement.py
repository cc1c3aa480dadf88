"""Starts that answer bans: told apart from starts that do not, and from bans that are not answered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.campaigns.replacement import Answers, Pairs, _before, answers

MONTH = 28 * 24.0  # hours
NOTHING = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def history(seed: int, bans: int, share: float, others: int, inherits: float = 0.6) -> tuple[Answers, np.ndarray]:
    """A month with answers after five hours on average; a hundredth of the other pairs share something too."""
    random = np.random.default_rng(seed)
    gone = np.sort(random.uniform(24, MONTH - 24, bans))
    of = np.flatnonzero(random.random(bans) < share)
    begun = np.concatenate([gone[of] + random.exponential(5.0, len(of)), random.uniform(0, MONTH, others)])
    parent = np.concatenate([of, np.full(others, -1)])
    order = np.argsort(begun)
    begun, parent = begun[order], parent[order]
    near = [(b, s) for s, at in enumerate(begun) for b in np.flatnonzero((gone < at) & (gone > at - 48))]
    both = [(b, s) for b, s in near if random.random() < (inherits if parent[s] == b else 0.01)]
    places = np.array(both, np.int64).reshape(-1, 2)
    pairs = Pairs(places[:, 0], places[:, 1], np.full(len(both), np.log2(100.0)))
    return answers(gone, begun, pairs, MONTH, seed), parent


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("bans", "others"), [(12, 12), (60, 30), (300, 150)])
def test_most_that_are_said_to_be_successors_are(bans: int, others: int, seed: int) -> None:
    found, parent = history(seed, bans, 0.9, others)
    said = found.likelihood >= 0.5
    assert said.sum() >= 0.5 * (parent >= 0).sum()
    assert (parent[said] >= 0).mean() >= 0.85
    assert (parent[said] == found.ban[said]).mean() >= found.of_ban[said].mean() - 0.1, "no surer than it should be"
    assert found.p_value is not None and found.p_value <= 0.02
    assert 2.0 <= found.delay <= 10.0


def test_starts_that_have_nothing_to_do_with_bans_are_no_successors() -> None:
    found = [history(seed, 40, 0.0, 120)[0] for seed in range(60)]
    assert sum(int((one.likelihood >= 0.5).sum()) for one in found) / (60 * 120) <= 0.01
    p_values = np.array([one.p_value for one in found])
    assert (p_values <= 0.05).mean() <= 0.12 and 0.3 <= np.median(p_values) <= 0.7  # of sixty; 0.05 and a half expected


def test_a_ban_has_one_successor_at_most() -> None:
    """Fifty accounts begin within two hours of the only ban: the campaign grew, and one of them may be the successor."""
    begun = 300.0 + np.linspace(0.01, 2.0, 50)
    found = answers(np.array([300.0]), begun, NOTHING, MONTH, 1)
    assert found.likelihood.sum() <= 1.0 + 1e-6


def test_who_inherits_is_likelier_than_who_came_sooner() -> None:
    pairs = Pairs(np.array([0]), np.array([1]), np.array([6.0]))
    found = answers(np.array([300.0]), np.array([301.0, 304.0]), pairs, MONTH, 1)
    assert found.likelihood[1] > 0.5 > found.likelihood[0]


@pytest.mark.parametrize(
    ("bans", "starts"), [([], [5.0, 9.0]), ([5.0], []), ([], []), ([50.0], [9.0])],
    ids=["no bans", "no starts", "nothing", "the start was before"],
)  # fmt: skip
def test_nothing_to_answer_or_nobody_who_does(bans: list[float], starts: list[float]) -> None:
    found = answers(np.array(bans), np.array(starts), NOTHING, 100.0, 1)
    assert found.ban.tolist() == [-1] * len(starts) and not found.likelihood.round(9).any()


def test_a_short_history_has_no_days_to_compare_with() -> None:
    assert answers(np.array([30.0]), np.array([31.0]), NOTHING, 4 * 24.0, 1).p_value is None


hours = st.lists(st.floats(0, 500), min_size=1, max_size=30).map(lambda one: np.sort(np.array(one)))


@settings(max_examples=200)
@given(hours, hours, st.floats(0.25, 24.0))
def test_the_recursion_is_the_sum_over_all_pairs(causes: np.ndarray, at: np.ndarray, delay: float) -> None:
    weight = np.linspace(0.5, 2.0, len(causes))
    apart = at[:, None] - causes[None, :]
    plain = np.where(apart > 0, weight * np.exp(-np.maximum(apart, 0) / delay) / delay, 0.0).sum(axis=1)
    assert np.allclose(_before(causes, weight, at, delay), plain, rtol=1e-9, atol=1e-12)
