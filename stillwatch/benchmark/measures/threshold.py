"""The threshold for a detector that has none of its own: the one with the best F1 on worlds that are not reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from stillwatch.benchmark.measures.ranking import Curve


@dataclass(frozen=True)
class Threshold:
    """An account with at least this score is accused."""

    score: float
    f1: float  # pooled over the fitting cases


def best_threshold(curves: Iterable[tuple[Curve, int]]) -> Threshold | None:
    """From the curve and the planted accounts of each fitting case, added up; None when no planted account got a score.

    Of several thresholds with the same F1 the highest is taken: it accuses the fewest.
    """
    cases = list(curves)
    steps = np.array([step for curve, _ in cases for step in curve], float).reshape(-1, 3)
    planted = sum(count for _, count in cases)
    scores, place = np.unique(-steps[:, 0], return_inverse=True)  # highest first
    right = np.cumsum(np.bincount(place, steps[:, 1], len(scores)))
    accused = right + np.cumsum(np.bincount(place, steps[:, 2], len(scores)))
    if planted == 0 or not right.any():
        return None
    f1 = 2 * right / (accused + planted)
    best = int(np.argmax(f1))
    return Threshold(float(-scores[best]), float(f1[best]))
