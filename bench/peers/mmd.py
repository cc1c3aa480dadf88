"""MMD: an account is flagged when its window of queries is distributed unlike benign history.

Source: Liu, Guo, Dong: An Embarrassingly Simple Detector for Model Extraction Attacks in Large Language Model API
Traffic, 2026 (arXiv:2606.05725; LabRAI/mmd-llm-mea-detection, without a licence: read, not copied). As there: unit
vectors of queries; Gaussian kernels at 0.5, 1, 2 and 4 times the median distance between benign queries, averaged; the
unbiased estimate of the squared maximum mean discrepancy between the window and benign references, averaged over 20
references; and a threshold that comes from benign windows alone.

Adapted to accounts: a window is up to 128 queries of one account (the paper: 1,500, and 100 as the smallest it measures),
with 32 at least, below which the estimate is noise. Benign windows are accounts of the benign log, not draws from all of
it, as every single account is unlike the mixture: with the paper's own null, 93 % of the honest accounts of a made world
exceed its threshold. Here the threshold is the quantile of those accounts that leaves the paper's reported share of false
positives, 0.3 %, and the statistic that it is taken from is the one that is tested. References take no part in it.
Vectors: see vectors.py.
"""

from __future__ import annotations

import numpy as np

from bench.peers.log import Log
from bench.peers.vectors import SAMPLE, SEED, Space
from bench.peers.verdicts import Verdicts

LEAST = 32  # queries
REFERENCES = 20  # the paper's
WIDTHS = (4.0, 2.0, 1.0, 0.5)  # times the median distance; the paper's, widest first: each is the one before to the 4th
MEDIAN_OF = 2_000  # queries, for the median distance; the paper's
FALSE_POSITIVES = 0.003  # of benign windows; the paper's measured rate
UNTESTED = -1.0  # below any estimate: an unbiased one may fall below zero, but by less than 0.1


class References:
    """Benign queries that windows are compared with."""

    def __init__(self, queries: np.ndarray) -> None:
        lot = np.random.default_rng(SEED).permutation(len(queries))
        some = queries[lot[:MEDIAN_OF]]
        distances = _squares(some, some)[np.triu_indices(len(some), 1)]
        self._wide = 2.0 * (WIDTHS[0] ** 2) * float(np.median(distances[distances > 0]))
        self.taken = lot[: min(REFERENCES * SAMPLE, len(queries) // 2)]  # half at most: the rest sets the threshold
        self._all = queries[self.taken]
        parts = np.array_split(self._all, max(len(self._all) // SAMPLE, 1))
        self._within = float(np.mean([_pairs(self._kernel(part, part)) for part in parts]))

    def discrepancy(self, window: np.ndarray) -> float:
        """Squared MMD, unbiased. The mean over references of equal size needs their cross terms only as one mean."""
        return _pairs(self._kernel(window, window)) + self._within - 2.0 * float(self._kernel(window, self._all).mean())

    def _kernel(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        one = np.exp(_squares(left, right) / -self._wide)
        total = one.copy()
        for _ in WIDTHS[1:]:
            one = (one * one) ** 2  # half the width is the fourth power: one exponential serves four kernels
            total += one
        return total / len(WIDTHS)


def threshold(usual: np.ndarray) -> float:
    """What only FALSE_POSITIVES of benign windows exceed; with few windows, the largest."""
    return float(np.quantile(usual, 1.0 - FALSE_POSITIVES, method="higher")) if len(usual) else np.inf


def mmd(log: Log, benign: Log | None = None) -> Verdicts:
    if benign is None:
        raise SystemExit("mmd compares with benign history: --benign is missing")
    space = Space(benign)
    history = [window for _, window in space.windows(benign)]
    references = References(np.concatenate(history))
    usual = np.array([references.discrepancy(window) for window in _others(history, references.taken)])
    score = np.full(len(log), UNTESTED)
    for account, window in space.windows(log):
        if len(window) >= LEAST:
            score[account] = references.discrepancy(window)
    return Verdicts(score, score > threshold(usual), [None] * len(log))


def _others(history: list[np.ndarray], taken: np.ndarray) -> list[np.ndarray]:
    """Benign windows without the queries that became references, which would be compared with themselves."""
    kept = np.ones(sum(map(len, history)), bool)
    kept[taken] = False
    parts = np.split(kept, np.cumsum([len(window) for window in history])[:-1])
    rest = [window[part] for window, part in zip(history, parts, strict=True)]
    return [window for window in rest if len(window) >= LEAST]


def _pairs(kernel: np.ndarray) -> float:
    """The mean over pairs of two different queries."""
    size = len(kernel)
    return float((kernel.sum(dtype=np.float64) - np.trace(kernel, dtype=np.float64)) / (size * (size - 1)))


def _squares(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.maximum((left**2).sum(1)[:, None] + (right**2).sum(1)[None, :] - 2.0 * left @ right.T, 0.0)
