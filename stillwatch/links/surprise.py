"""How much more was seen than chance lets expect, in bits: the log-likelihood ratio of a Poisson count.

It is Chernoff's bound of the tail as well: at least as many come up by chance at most once in 2^bits times.
"""

from __future__ import annotations

import math

import ibis

LN2 = math.log(2)


def surprise(seen: ibis.Value, expected: ibis.Value) -> ibis.Value:
    """Bits of `seen` where `expected` are; none where it is no more than that."""
    bits = (seen * (seen / expected).ln() - seen + expected) / LN2
    return ibis.ifelse((seen > expected) & (expected > 0), bits, 0.0)
