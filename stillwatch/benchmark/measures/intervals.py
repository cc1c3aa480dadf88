"""How far a share that was counted may be from the true one: the exact interval of Clopper and Pearson.

Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 1934.
It takes the things counted as independent of each other. Accounts of one campaign are not, so the true uncertainty of a
recall is larger than its interval.
"""

from __future__ import annotations

from typing import TypedDict

from scipy.stats import beta

CONFIDENCE = 0.95  # of every interval that is shown: the usual one
PER = 100_000  # accounts that a rate of false accusations is told of: a provider's month has at least as many


class Share(TypedDict):
    """`hits` of `of`, and the interval around it."""

    value: float
    hits: int
    of: int
    low: float
    high: float


def clopper_pearson(hits: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The lowest and the highest share under which a count as far off as this one is not rarer than the confidence allows."""
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, of - hits + 1))
    high = 1.0 if hits == of else float(beta.ppf(1 - tail, hits + 1, of - hits))
    return low, high


def share(hits: int, of: int) -> Share | None:
    """A counted share; None when there was nothing to count."""
    if of == 0:
        return None
    low, high = clopper_pearson(hits, of)
    return {"value": hits / of, "hits": hits, "of": of, "low": low, "high": high}


def rate(hits: int, of: int) -> Share | None:
    """The same for each 100,000."""
    found = share(hits, of)
    if found is None:
        return None
    return {**found, "value": PER * found["value"], "low": PER * found["low"], "high": PER * found["high"]}


def f1(right: int, accused: int, planted: int) -> Share | None:
    """The harmonic mean of precision and recall, 2·right / (accused + planted) (van Rijsbergen 1979).

    It rises with right / (accused or planted), a plain share, and takes its interval from there.
    """
    touched = share(right, accused + planted - right)
    if planted == 0 or touched is None:
        return None
    value, low, high = (2 * one / (1 + one) for one in (touched["value"], touched["low"], touched["high"]))
    return {**touched, "value": value, "low": low, "high": high}
