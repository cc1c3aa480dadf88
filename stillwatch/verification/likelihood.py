"""How likely a sign-up is an operator's, from what was found: a sum of bits, each kind by a weight that was fitted.

The parts are no independent witnesses, so their bits are not simply added: a logistic regression on made sign-ups says how
much each counts for (docs/decisions/0024-signups.md says on which, and on which it was tried). No weight may be negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

PARTS = ("signs", "group", "group_record", "cells", "record", "returning")


@dataclass(frozen=True)
class Weights:
    """Of each part's bits; `beforehand` is what is likely when nothing was found."""

    beforehand: float  # bits
    signs: float
    group: float
    group_record: float
    cells: float
    record: float
    returning: float

    def bits(self, parts: Parts) -> Parts:
        """What each part counts for."""
        return Parts(*(getattr(self, name) * getattr(parts, name) for name in PARTS))


@dataclass(frozen=True)
class Parts:
    """Bits found, by where."""

    signs: float = 0.0  # that it shows by itself
    group: float = 0.0  # of being one of many strangers of one hand
    group_record: float = 0.0  # of others of that hand having turned out bad
    cells: float = 0.0  # of being where traits meet too often
    record: float = 0.0  # of what became of others with its values
    returning: float = 0.0  # of carrying on a banned account

    @property
    def total(self) -> float:
        return sum(getattr(self, name) for name in PARTS)


def likelihood(bits: float) -> float:
    """Of odds in bits, 0..1."""
    return 1.0 / (1.0 + exp(-max(-500.0, min(500.0, bits * log(2.0)))))
