"""Several tests at once, each held to what all of them would find by chance (Holm 1979)."""

from __future__ import annotations

import math
from collections.abc import Sequence


def corrected(log_ps: Sequence[float], tests: int | None = None) -> list[float]:
    """Natural logarithms of p-values, each corrected for all of them, in their order.

    The chance that any test is wrong at a level is no larger than the level, however they depend on each other, and also where
    several are right. `tests` is how many there were, where only the smallest are given.
    """
    many, worst = len(log_ps) if tests is None else tests, -math.inf
    found = [0.0] * len(log_ps)
    for rank, place in enumerate(sorted(range(len(log_ps)), key=log_ps.__getitem__)):
        worst = min(max(worst, log_ps[place] + math.log(many - rank)), 0.0)
        found[place] = worst
    return found
