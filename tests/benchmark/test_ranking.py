"""Average precision, the score curve, and the threshold that is chosen from it."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.benchmark.measures.ranking import average_precision, score_curve
from stillwatch.benchmark.measures.threshold import best_threshold

Scored = list[tuple[float, bool]]
SCORES = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=60)


def arrays(rows: Scored) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], bool)


@pytest.mark.parametrize(
    "rows, expected",
    [
        ([(0.9, True), (0.8, True), (0.1, False)], 1.0),
        ([(0.9, False), (0.8, True)], 1 / 2),
        ([(0.9, True), (0.8, False), (0.7, True)], (1 + 2 / 3) / 2),
        ([(0.5, True), (0.5, False), (0.5, False), (0.5, False)], 1 / 4),  # no order claimed: the share of the planted
        ([(0.0, True), (0.9, False)], 1 / 2),
        ([(0.3, False)], None),
    ],
)
def test_average_precision_by_hand(rows: Scored, expected: float | None) -> None:
    told = average_precision(*arrays(rows))
    assert told == (None if expected is None else pytest.approx(expected))


@given(SCORES)
def test_average_precision_as_the_definition_says(rows: Scored) -> None:
    planted = sum(truth for _, truth in rows)
    expected, recall = 0.0, 0.0
    for threshold in sorted({score for score, _ in rows}, reverse=True):
        accused = [truth for score, truth in rows if score >= threshold]
        if planted:
            expected += sum(accused) / len(accused) * (sum(accused) / planted - recall)
            recall = sum(accused) / planted
    assert average_precision(*arrays(rows)) == (pytest.approx(expected) if planted else None)


if find_spec("sklearn"):  # an extra of the benchmark; the definition above stands without it

    @given(SCORES)
    def test_average_precision_as_scikit_learn_has_it(rows: Scored) -> None:
        from sklearn.metrics import average_precision_score

        score, planted = arrays(rows)
        if planted.any():
            assert average_precision(score, planted) == pytest.approx(average_precision_score(planted, score))


def test_the_curve_has_a_step_a_score() -> None:
    assert score_curve(*arrays([(0.5, True), (0.9, False), (0.5, False), (0.9, True)])) == [(0.9, 1, 1), (0.5, 1, 1)]
    assert score_curve(*arrays([])) == []


def test_the_threshold_with_the_best_f1_over_all_fitting_cases() -> None:
    calm = [(0.7, 0, 3)]
    ring = [(0.9, 4, 0), (0.7, 1, 0), (0.1, 1, 50)]
    alone, both = best_threshold([(ring, 6)]), best_threshold([(ring, 6), (calm, 0)])
    assert alone is not None and (alone.score, alone.f1) == (0.7, pytest.approx(10 / 11))
    assert both is not None and (both.score, both.f1) == (0.9, pytest.approx(8 / 10)), "the calm world counts too"


def test_of_equal_thresholds_the_highest() -> None:
    found = best_threshold([([(0.9, 1, 0), (0.5, 1, 2)], 2)])
    assert found is not None and found.score == 0.9 and found.f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize("cases", [[], [([], 3)], [([(0.9, 0, 4)], 3)], [([(0.9, 0, 4)], 0)]])
def test_no_threshold_where_no_planted_account_has_a_score(
    cases: list[tuple[list[tuple[float, int, int]], int]],
) -> None:
    assert best_threshold(cases) is None


@given(SCORES)
def test_no_other_threshold_is_better(rows: Scored) -> None:
    score, planted = arrays(rows)
    found = best_threshold([(score_curve(score, planted), int(planted.sum()))])
    if found is None:
        assert not planted.any()
        return
    every = [2 * (planted & (score >= t)).sum() / ((score >= t).sum() + planted.sum()) for t in np.unique(score)]
    assert found.f1 == pytest.approx(max(every))
