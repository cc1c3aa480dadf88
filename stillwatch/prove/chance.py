"""How likely scores are by chance, when nobody knows beforehand how many of them will count.

Each token that counts has a score -log(1 - u), which is exponential with mean 1 for whoever had nothing to do with the key. The
sum of n of them is Gamma(n, 1) *if n has nothing to do with the scores*. It has, where only contexts of marked texts count:
which contexts there are follows from the key as well. In the order in which the marked texts were drawn, each score is still
new to everything before it, so that a bet on them is fair whenever it ends (Ville's inequality): against the mean 1 it bets on
1 / (1 - l), for all l at once, weighted by `EXPECTED_SMALL` * (1 - l) ** (EXPECTED_SMALL - 1). The method: Shafer et al., Test
martingales, Bayes factors and p-values, Statistical Science 26(1), 2011.
"""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import gammaincc, gammainccinv, gammaln

EXPECTED_SMALL = 10.0  # no unit: most is bet on scores a tenth above chance, what students of few marked texts show
_TERMS = 2_000  # of a series that is used below its turning point, where a tenth of them would do
_LARGEST = 100.0  # times chance: a score of 100 is a chance of one in 10**43, and no hash of 32 bits gives it
_SEEN = 0.9  # how often what is told as "would have been seen" would have been


def log_bet(score: float, tokens: int) -> float:
    """Natural logarithm of what the bet has made of 1: (b / S**a) * e**S * (lower incomplete gamma of a = tokens + b at S)."""
    a = tokens + EXPECTED_SMALL
    if score < a:  # as the series e**S * g(a, S) / S**a = sum over k of S**k / (a (a + 1) ... (a + k)): no cancelling
        term = total = 1.0 / a
        for k in range(1, _TERMS):
            term *= score / (a + k)
            total += term
            if term < 1e-16 * total:  # below what a float can tell
                break
        return math.log(EXPECTED_SMALL * total)
    upper = float(gammaincc(a, score))  # at most a half here
    return math.log(EXPECTED_SMALL) + score - a * math.log(score) + float(gammaln(a)) + math.log1p(-upper)


def log_p(score: float, tokens: int) -> float:
    """Natural logarithm of the chance to win so much, or more, by a fair bet, whenever one looks."""
    return min(-log_bet(score, tokens), 0.0)


def least_seen(tokens: int, log_level: float) -> float:
    """By which factor the mean score has to be above chance to be found nine times in ten; infinite where nothing would be."""
    if not tokens or log_p(_LARGEST * tokens, tokens) > log_level:
        return math.inf
    needed = brentq(lambda factor: log_p(factor * tokens, tokens) - log_level, 1.0, _LARGEST)
    return float(needed * tokens / gammainccinv(tokens, _SEEN))
