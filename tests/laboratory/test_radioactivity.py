"""P-values are what they say, and a student that learned a mark shows it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import gamma

from stillwatch.laboratory import radioactivity
from stillwatch.laboratory.harvest import key
from stillwatch.laboratory.marking import hashes
from stillwatch.laboratory.radioactivity import (
    Answered,
    Pair,
    Weighed,
    leaning,
    log_survival,
    once,
    pairs,
    uniformity,
)
from stillwatch.safeguards.watermark.gumbel import Drawn, uniform

KEYS = [key(2, f"control {number}") for number in range(1_000)]


@pytest.mark.parametrize("score", [20.0, 40.0, 60.0, 200.0])
def test_equal_weights_are_a_gamma(score: float) -> None:
    assert log_survival(score, np.ones(40)) == pytest.approx(gamma.logsf(score, 40), rel=0.01, abs=0.002)


def test_weights_of_both_signs_are_what_chance_gives() -> None:
    random = np.random.default_rng(1)
    weights = random.normal(size=30)
    sums = random.exponential(size=(200_000, 30)) @ weights
    for level in (0.5, 0.05, 0.001):
        at = float(np.quantile(sums, 1 - level))
        assert np.exp(log_survival(at, weights)) == pytest.approx(level, rel=0.15)


def test_what_a_prompt_has_does_not_count() -> None:
    one = Answered((1, 2, 3), (2, 3, 4))
    assert pairs([one], 1) == Counter({((3,), 2): 1, ((3,), 4): 1})
    assert pairs([one], 1, {(2,)}) == Counter()
    assert pairs([one], 2) == Counter({((2, 3), 2): 1, ((3, 2), 3): 1, ((2, 3), 4): 1})


def _counted(random: np.random.Generator, preferred: np.ndarray | None = None) -> Counter[Pair]:
    """Choices among eight tokens after 200 contexts; half of them the preferred one where there is one."""
    found: Counter[Pair] = Counter()
    for context in range(200):
        for _ in range(30):
            by_mark = preferred is not None and random.random() < 0.2
            token = preferred[context] if by_mark and preferred is not None else random.integers(8)
            found[((1_000 + context,), int(token))] += 1
    return found


def test_keys_that_marked_nothing_are_uniform_and_the_one_that_did_is_found() -> None:
    random = np.random.default_rng(2)
    unmarked = _counted(random)
    plain = radioactivity.tested(KEYS[0], KEYS, leaning(_counted(random), unmarked))
    assert plain.log10_p > -3 and uniformity(plain.controls) > 0.001
    contexts = hashes([(1_000 + context,) for context in range(200)], 1)
    every = Drawn(np.repeat(contexts, 8), np.tile(np.arange(8, dtype=np.uint32), 200))
    preferred = uniform(["00000000000000aa"], every).reshape(200, 8).argmax(1)
    found = radioactivity.tested("00000000000000aa", KEYS, leaning(_counted(random, preferred), unmarked))
    assert found.log10_p < -6 and found.rank_p == pytest.approx(1 / 1_001)
    assert once(unmarked).weights.tolist() == [1.0] * len(unmarked)


def test_nothing_to_weigh_says_nothing() -> None:
    empty = radioactivity.tested(
        KEYS[0], KEYS[:3], Weighed(Drawn(np.empty(0, np.uint32), np.empty(0, np.uint32)), np.empty(0))
    )
    assert (empty.pairs, empty.log10_p, empty.rank_p) == (0, 0.0, 1.0)
