"""Whether scores are probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.benchmark.measures.calibration import calibration_counts, calibration_measures
from stillwatch.benchmark.pooled import added

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


def counts(rows: list[tuple[float, bool]]) -> dict[str, object]:
    return calibration_counts(np.array([s for s, _ in rows], float), np.array([t for _, t in rows], bool))


def test_by_hand() -> None:
    told = calibration_measures(counts([(0.8, True), (0.82, True), (0.84, False), (0.1, False), (1.0, True)]))
    assert told is not None
    assert told["brier"] == pytest.approx((0.04 + 0.0324 + 0.7056 + 0.01 + 0) / 5)
    # bins: 0.1 (one, none planted), 0.8..0.84 (three of mean 0.82, two planted), 1.0 (one, planted)
    assert told["expected_calibration_error"] == pytest.approx((0.1 + 3 * abs(0.82 - 2 / 3) + 0) / 5)
    assert [(one["from"], one["planted"]["of"]) for one in told["bins"]] == [(0.1, 1), (0.8, 3), (0.9, 1)]


@given(ROWS)
def test_bounds(rows: list[tuple[float, bool]]) -> None:
    told = calibration_measures(counts(rows))
    assert told is not None
    assert 0 <= told["expected_calibration_error"] <= 1 and 0 <= told["brier"] <= 1
    assert sum(one["planted"]["of"] for one in told["bins"]) == len(rows)
    # A mean gap is never larger than the root of the mean squared one (Jensen), whatever the bins.
    assert told["expected_calibration_error"] <= told["brier"] ** 0.5 + 1e-9


@given(ROWS, ROWS)
def test_cases_add_up(one: list[tuple[float, bool]], other: list[tuple[float, bool]]) -> None:
    together, apart = calibration_measures(counts(one + other)), calibration_measures(added(counts(one), counts(other)))
    assert together is not None and apart is not None
    assert apart["brier"] == pytest.approx(together["brier"])
    assert apart["expected_calibration_error"] == pytest.approx(together["expected_calibration_error"])


def test_nothing_scored() -> None:
    assert calibration_measures(counts([])) is None
