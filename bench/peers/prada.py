"""PRADA: a client whose queries do not lie at normally distributed distances from one another is extracting a model.

Source: Juuti, Szyller, Marchal, Asokan: PRADA, Protecting Against DNN Model Stealing Attacks, EuroS&P 2019
(arXiv:1805.02628), its detection algorithm, written anew. For each query of a client, the distance to the nearest
query of the growing set; a query joins that set when its distance exceeds a threshold that rises with the set (mean less
one standard deviation). Distances further than three standard deviations from their mean are left out, and the client
is flagged when the Shapiro-Wilk W of the others is below delta, which is set where no benign client is flagged.

Adapted: sentence vectors instead of images (see vectors.py); one class, as an answer in words has none; up to 128
queries of an account, drawn over its whole history and tested once, where the paper tests while queries arrive. Thinning
makes neighbours more distant but leaves the shape that W looks at. As in the paper an account with 100 distances or
fewer is never tested: in a made world that is three in four private customers, and a campaign that stays below it.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import shapiro

from bench.peers.log import Log
from bench.peers.vectors import Space
from bench.peers.verdicts import Verdicts

MORE_THAN = 100  # distances; the paper's size of a first test
FAR = 3.0  # standard deviations from the mean: the paper's outliers
SPREAD = 1e-6  # distances: less is one query repeated, and no shape to test


def prada(log: Log, benign: Log | None = None) -> Verdicts:
    """Score 1 - W. Delta is the smallest W of a benign account."""
    if benign is None:
        raise SystemExit("prada sets its threshold on benign history: --benign is missing")
    space = Space(benign)
    usual = scores(space, benign)
    score = scores(space, log)
    return Verdicts(score, score > usual.max(initial=0.0), [None] * len(log))


def scores(space: Space, log: Log) -> np.ndarray:
    score = np.zeros(len(log))
    for account, queries in space.windows(log):
        score[account] = 1.0 - normality(nearest(queries))
    return score


def nearest(queries: np.ndarray) -> np.ndarray:
    """The distance of each query but the first to the nearest one of the growing set, as it was when the query came."""
    squares = (queries**2).sum(1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2.0 * queries @ queries.T, 0.0))
    grown, joined, threshold = [0], [], 0.0
    least = np.zeros(max(len(queries) - 1, 0))
    for place in range(1, len(queries)):
        least[place - 1] = distance = apart[place, grown].min()
        if distance > threshold:
            grown.append(place)
            joined.append(distance)
            threshold = max(threshold, float(np.mean(joined) - np.std(joined)))
    return least


def normality(distances: np.ndarray) -> float:
    """Shapiro-Wilk W without outliers; 1, perfectly normal, where there is too little to test."""
    if len(distances) <= MORE_THAN or np.ptp(distances) < SPREAD:
        return 1.0
    kept = distances[np.abs(distances - distances.mean()) <= FAR * distances.std()]
    return 1.0 if np.ptp(kept) < SPREAD else float(shapiro(kept).statistic)
