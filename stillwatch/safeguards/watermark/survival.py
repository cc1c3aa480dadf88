"""How small the chance is that scores of other texts add up to so much: a sum of exponentials, each with a weight.

With equal weights it is a Gamma's; with others it is worked out from its transform, as far into the tail as scores go. A fitted
Gamma or a normal is wrong there by orders of magnitude, in favour of a mark.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import gammaincc, gammaln, logsumexp

Numbers = npt.NDArray[np.float64]

_PLAIN = 1e-200  # below it, floats soon run out
_TINY = 1e-3  # between a pole and where a way past it is looked for, in units of how near it can come
_REACH, _STEP = 14.0, 0.05  # of the variable that is summed over: with them ten digits are right (tests)


def log_survival(score: float, weights: Numbers) -> float:
    """The natural logarithm of P(sum of weight times exponential > score)."""
    weights = weights[weights > 0.0]
    if not len(weights) or score <= 0.0:
        return 0.0
    different, times = np.unique(weights, return_counts=True)
    if len(different) == 1:
        return _gamma(score / float(different[0]), len(weights))
    return _sum(score, different, times.astype(np.float64))


def _gamma(score: float, shape: int) -> float:
    """The chance of fewer than `shape` events where `score` are expected, so that small ones keep their digits."""
    if (plain := float(gammaincc(shape, score))) > _PLAIN:
        return float(np.log(plain))
    events = np.arange(shape)
    return float(logsumexp(events * np.log(score) - gammaln(events + 1)) - score)


def _sum(score: float, weights: Numbers, times: Numbers) -> float:
    """Of unequal weights: the integral of exp(f(t)) / 2πi, f(t) = -Σ log(1 - weight t) - score t - log |t|, past its poles.

    The way crosses the axis where f is least, so that the size of the result comes from f there, and what is summed is of size
    1 whatever the tail. It bends as the sum over the weights falls steepest, and runs as sinh does: short sums fall off slowly.
    Below the mean the way passes left of 0, and gives the chance of less.
    """
    score, weights = score / float(weights.max()), weights / float(weights.max())
    mean = float((times * weights).sum())
    above = score > mean
    least = _TINY / (score + mean + 1.0)
    ends = (least, 1.0 - _TINY / (score + 1.0)) if above else (-(times.sum() + 2.0) / score, -least)
    at = float(brentq(lambda t: float((times * weights / (1.0 - weights * t)).sum()) - score - 1.0 / t, *ends))
    inside = weights / (1.0 - weights * at)
    curve = float((times * inside**2).sum()) + at**-2
    bend = float((times * inside**3).sum()) / (3.0 * float((times * inside**2).sum()))
    run = np.arange(_STEP / 2, _REACH, _STEP)
    far, pace = np.sinh(run) / curve**0.5, np.cosh(run) / curve**0.5
    gone = bend * far**2 + 1j * far
    height = -score * gone - np.log1p(gone / at)
    for weight, count in zip(inside, times, strict=True):
        height -= count * np.log1p(-weight * gone)
    total = float((np.exp(height) * (2.0 * bend * far + 1j) * pace).imag.sum()) * _STEP / np.pi
    peak = -float((times * np.log1p(-weights * at)).sum()) - score * at - float(np.log(abs(at)))
    found = min(peak + float(np.log(total)), 0.0)
    return found if above else float(np.log1p(-np.exp(found)))
