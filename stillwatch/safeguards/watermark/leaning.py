"""How much more often somebody goes on with a token after a context than others do who never saw the key.

What all texts of a language have in common cancels out, and what a mark left stays: weighed by it, scores show a mark that
counting each token once does not. No key has a part in a weight, so the scores of a key that marked nothing are independent
exponentials still, and their weighted sum has a known distribution.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

FEWEST = 5  # times that a context must be in both kinds of text: fewer, and a leaning is noise
_BESIDE = 1e-3  # standard deviations that are beside the mean
_CERTAIN = 1 - 1e-9  # one token alone follows: nothing to choose

Numbers = npt.NDArray[np.float64]


def leanings(ours: Numbers, of_ours: Numbers, theirs: Numbers, of_theirs: Numbers) -> Numbers:
    """The difference of shares, in standard errors of it that choice alone would give: one for each pair of context and token.

    How often each pair is said, and of how many times that its context is; nothing may be 0 of 0.
    """
    both = (ours + theirs) / (of_ours + of_theirs)
    error = np.sqrt(np.maximum(both * (1 - both), 1e-12) * (1 / of_ours + 1 / of_theirs))
    return np.where(both > _CERTAIN, 0.0, (ours / of_ours - theirs / of_theirs) / error)


def log_survival(score: float, weights: Numbers) -> float:
    """Natural logarithm of the chance that the sum of weights, of either sign, times independent Exp(1) is as large.

    A saddle point: the sum's cumulants have a closed form. Barndorff-Nielsen's form keeps its digits far out, where a float's
    probability is 0; beside the mean it is not defined, and the sum is taken for normal but for its skewness.
    """
    weights = weights[weights != 0]
    mean, spread = weights.sum(), np.sqrt((weights**2).sum())
    z = (score - mean) / spread
    if abs(z) < _BESIDE:
        skewness = 2 * (weights**3).sum() / spread**3
        return float(np.log(ndtr(-z) + skewness * (z**2 - 1) * np.exp(-(z**2) / 2) / (6 * np.sqrt(2 * np.pi))))
    above = 1 / weights.max() if weights.max() > 0 else np.inf
    below = 1 / weights.min() if weights.min() < 0 else -np.inf

    def slope(at: float) -> float:
        return float((weights / (1 - at * weights)).sum() - score)

    edge = 1 - 1e-9
    least = below * edge if np.isfinite(below) else -1e6 / spread
    most = above * edge if np.isfinite(above) else 1e6 / spread
    if slope(least) > 0 or slope(most) < 0:
        return 0.0 if slope(least) > 0 else -np.inf  # beyond what the weights allow
    at = float(brentq(slope, least, most, xtol=1e-14, rtol=1e-13))
    away = np.sign(at) * np.sqrt(max(2 * (at * score + np.log1p(-at * weights).sum()), 0.0))
    bent = at * np.sqrt(((weights / (1 - at * weights)) ** 2).sum())
    return float(log_ndtr(-(away + np.log(bent / away) / away)))
