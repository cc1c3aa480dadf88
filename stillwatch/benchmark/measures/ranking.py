"""How well scores order accounts, whatever the threshold: average precision, and the curve it is read from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Curve = list[
    tuple[float, int, int]
]  # of each score that occurs, highest first: the score, planted and ordinary accounts


def score_curve(score: Floats, planted: Flags) -> Curve:
    """How many planted and ordinary accounts have each score. Equal scores are one step: no order among them was claimed."""
    scores, place = np.unique(score, return_inverse=True)
    positive = np.bincount(place, planted, len(scores)).astype(int)
    every = np.bincount(place, minlength=len(scores))
    return [(float(scores[n]), int(positive[n]), int(every[n] - positive[n])) for n in reversed(range(len(scores)))]


def average_precision(score: Floats, planted: Flags) -> float | None:
    """The sum over all thresholds of precision there, weighted by the recall gained there (Manning et al. 2008, 8.4).

    Steps are not interpolated, since that flatters (Davis and Goadrich 2006). None without a planted account.
    """
    curve = score_curve(score, planted)
    counts = np.array([step[1:] for step in curve], float).reshape(-1, 2)
    total = counts[:, 0].sum()
    if total == 0:
        return None
    right, accused = np.cumsum(counts[:, 0]), np.cumsum(counts.sum(axis=1))
    return float((right / accused * counts[:, 0]).sum() / total)


def scores_of(verdicts: pa.Table, listed: bool = False) -> tuple[Floats, Flags]:
    """Score and truth of each account, or of those that the detector listed."""
    rows = verdicts.filter(verdicts["listed"]) if listed else verdicts
    return rows["score"].to_numpy(), np.asarray(pc.is_valid(rows["campaign"]).to_numpy(), bool)
