"""The chance that scores add up to so much, against the formula for unequal weights worked out with many digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from stillwatch.safeguards.watermark import entropy
from stillwatch.safeguards.watermark.gumbel import Text, detect, drawn, scores, uniform
from stillwatch.safeguards.watermark.survival import log_survival

KEY = "0123456789abcdef"


def exact(score: float, weights: list[float]) -> float:
    """Of a sum of exponentials whose weights all differ: what cancels in it needs hundreds of digits."""
    with mp.workdps(300):
        means = [mp.mpf(one) for one in weights]
        shares = [mp.fprod(one / (one - other) for other in means if other != one) for one in means]
        return float(mp.log(mp.fsum(share * mp.exp(-score / one) for share, one in zip(shares, means, strict=True))))


@pytest.mark.parametrize("times", [0.05, 0.5, 0.99, 1.0, 1.01, 1.5, 3.0, 20.0, 300.0])
@pytest.mark.parametrize("power", [1, 5])  # of the numbers that weights are made from: the larger, the more they differ
@pytest.mark.parametrize("tokens", [2, 3, 8, 60])
def test_unequal_weights(tokens: int, power: int, times: float) -> None:
    weights = np.random.default_rng(tokens).uniform(0.05, 1.0, tokens) ** power
    score = times * float(weights.sum())
    assert log_survival(score, weights) == pytest.approx(exact(score, weights.tolist()), rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 1_000), min_size=2, max_size=9, unique=True), st.floats(0.01, 50.0))
def test_any_weights(parts: list[int], times: float) -> None:
    weights = [one / 1_000 for one in parts]
    score = times * sum(weights)
    assert log_survival(score, np.array(weights)) == pytest.approx(exact(score, weights), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("times", [0.9, 1.0, 1.2, 4.0])
@pytest.mark.parametrize("tokens", [1, 40, 2_000, 100_000])
def test_weights_that_hardly_differ_are_as_good_as_equal(tokens: int, times: float) -> None:
    equal = log_survival(times * tokens, np.ones(tokens))
    almost = np.concatenate([np.full(tokens, 1.0), [1e-9]])
    assert log_survival(times * tokens, almost) == pytest.approx(equal, rel=1e-6, abs=1e-6)


def test_nothing_that_weighs_tells_nothing() -> None:
    assert log_survival(3.0, np.zeros(5)) == 0.0 and log_survival(0.0, np.ones(5)) == 0.0


def test_weights_go_up_with_what_there_was_to_choose() -> None:
    weights = entropy.weights(np.array([0.0, 0.1, 1.0, 5.0]))
    assert weights[0] == 0.0 and weights[2] == pytest.approx(1.0) and (np.diff(weights) > 0.0).all()


def test_each_score_has_the_weight_of_its_token() -> None:
    of = drawn([Text([1, 2, 3], [9]), Text([4, 5], [8], [0.0, 2.0])])
    told = -np.log1p(-uniform([KEY], of)[0])
    expected = told[:3].sum() + told[4] * entropy.weights(np.array([2.0]))[0]
    assert scores([KEY], of)[0] == pytest.approx(expected)


def test_where_all_entropies_are_alike_they_change_nothing() -> None:
    plain, alike = drawn([Text(range(90), [7])]), drawn([Text(range(90), [7], [0.3] * 90)])
    assert detect(KEY, alike).log_p == pytest.approx(detect(KEY, plain).log_p)
    assert detect(KEY, alike).z == pytest.approx(detect(KEY, plain).z)
    assert detect(KEY, drawn([Text(range(90), [7], [0.0] * 90)])).log_p == 0.0


@pytest.mark.parametrize("scheme", ["sglang", "vllm-dual"])
def test_unmarked_texts_with_weights_are_found_as_often_as_is_said(scheme: str) -> None:
    chance, keys = np.random.default_rng(5), [f"{one:016x}" for one in range(300)]
    found = []
    for tokens in chance.integers(0, 300, (4, 40)).tolist():
        of = drawn([Text(tokens, [1], chance.choice([0.01, 0.2, 1.0, 3.0], 40).tolist())], scheme)
        found += [detect(key, of).log_p for key in keys]
    for level in (0.5, 0.1, 0.01):
        below = sum(one <= math.log(level) for one in found)
        assert abs(below - len(found) * level) < 4 * math.sqrt(len(found) * level * (1 - level))
