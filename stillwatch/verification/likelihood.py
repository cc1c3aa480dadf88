"""How likely a sign-up is an operator's, from what was found: a sum of bits, each with a weight that was fitted.

What is found are no independent witnesses, so bits are not simply added: a logistic regression on made sign-ups says what
each sign that shows (or was looked for and does not) is worth, and how much of the bits of company count. It is drawn to
what is stated of a sign (signs/sign.py), so that one which made sign-ups never show keeps half of that. The file is written
by `python -m bench.signups_fit`; docs/decisions/0024-signups.md says on which sign-ups, and how it did on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log, log2
from pathlib import Path

import orjson

from stillwatch.verification.signs import ALL, Sign

FILE = Path(__file__).parents[1] / "data" / "verification" / "weights.json"
COMPANY = ("group", "bad_company", "cells")
STATED = 0.5  # of a sign's stated bits that counts when nothing was fitted: signs of a family fail together


@dataclass(frozen=True)
class Parts:
    """Bits, by where they come from."""

    signs: float = 0.0  # what it shows by itself
    group: float = 0.0  # being one of many strangers of one hand
    bad_company: float = 0.0  # others of that hand having turned out bad
    cells: float = 0.0  # being where traits meet too often
    learned: float = 0.0  # how others with its values turned out
    returning: float = 0.0  # carrying on a banned account

    @property
    def total(self) -> float:
        """All of them."""
        return self.signs + self.group + self.bad_company + self.cells + self.learned + self.returning


@dataclass(frozen=True)
class Weights:
    """What things found are worth."""

    beforehand: float  # bits when nothing was found
    company: dict[str, float]  # share of the bits of each of `COMPANY` that counts
    signs: dict[str, tuple[float, float]]  # bits of each sign: where it shows, where it was looked for and does not

    def of_signs(self, signs: Sequence[Sign], found: Sequence[bool | None]) -> list[float]:
        """Bits of each; 0 for what was not told, which is never read as innocence."""
        return [
            0.0 if shows is None else self.signs[sign.code][not shows] for sign, shows in zip(signs, found, strict=True)
        ]


def stated(sign: Sign) -> tuple[float, float]:
    """Bits of a sign by what is stated of it alone."""
    shows, absent = sign.operators / sign.customers, (1.0 - sign.operators) / (1.0 - sign.customers)
    return STATED * log2(shows), STATED * log2(absent)


@cache
def fitted() -> Weights:
    """What comes with the package."""
    document = orjson.loads(FILE.read_bytes())
    signs = {sign.code: stated(sign) for sign in ALL}  # of those that no made sign-up shows, and none was fitted for
    signs |= {code: (shows, absent) for code, (shows, absent) in document["signs"].items()}
    return Weights(document["beforehand"], document["company"], signs)


def likelihood(bits: float) -> float:
    """Of odds in bits, 0..1."""
    return 1.0 / (1.0 + exp(-max(-500.0, min(500.0, bits * log(2.0)))))
