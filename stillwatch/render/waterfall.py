"""The waterfall of reasons: each bar begins where the one before ended, and the last is the sum.

Bits add up, so the drawing is the sum itself: to the right is evidence for a campaign, to the left for innocence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.evidence import Reason
from stillwatch.render.svg import SHORTEST, Mark, drawing
from stillwatch.render.wording import bits

BAR_TOP, BAR_HEIGHT = 14.0, 14.0  # pixels; level with the first line of the sentence beside it
SUM_HEIGHT = 42.0  # pixels; the sum has no sentence that would give its row a height
USED = 99.0  # percent of the width; the rest keeps the outermost line inside


@dataclass(frozen=True)
class Step:
    """One row of the waterfall."""

    reason: Reason
    start: float  # bits before it
    end: float  # bits after it
    picture: Markup


@dataclass(frozen=True)
class Waterfall:
    steps: list[Step]
    total: float  # bits
    sum_picture: Markup


@dataclass(frozen=True)
class _Scale:
    """From bits to percent of the width."""

    low: float
    high: float

    def __call__(self, sum_of_bits: float) -> float:
        return USED * (sum_of_bits - self.low) / ((self.high - self.low) or 1.0)


def told(reasons: Sequence[Reason]) -> list[Reason]:
    """Strongest first, and what speaks for innocence last: the order in which one would tell it."""
    return sorted(reasons, key=lambda reason: -reason.weight)


def waterfall(reasons: Sequence[Reason], key: str) -> Waterfall:
    sums = [0.0]
    for reason in told(reasons):
        sums.append(sums[-1] + reason.weight)
    scale = _Scale(min(sums), max(sums))
    steps = [
        Step(reason, start, end, _row(f"{key}-{place}", reason.text, start, end, scale))
        for place, (reason, start, end) in enumerate(zip(told(reasons), sums, sums[1:], strict=False), start=1)
    ]
    return Waterfall(steps, sums[-1], _sum(f"{key}-sum", sums[-1], scale))


def _row(key: str, title: str, start: float, end: float, scale: _Scale) -> Markup:
    against = end < start
    marks = [
        Mark(scale(0), 0, 0, None, "zero"),
        Mark(scale(start), 0, 0, BAR_TOP, "thread"),
        Mark(scale(end), 0, BAR_TOP, None, "thread"),
        _bar(start, end, scale, "innocence" if against else "ink"),
    ]
    side = "for innocence" if against else "for a campaign"
    description = f"{bits(end - start)} {side}; the sum goes from {start:.1f} to {end:.1f}"
    return drawing(key, None, title, description, marks)


def _sum(key: str, total: float, scale: _Scale) -> Markup:
    marks = [
        Mark(scale(0), 0, 0, None, "zero"),
        Mark(scale(total), 0, 0, BAR_TOP, "thread"),
        _bar(0.0, total, scale, "total"),
    ]
    return drawing(key, SUM_HEIGHT, "Sum of all reasons", bits(total), marks)


def _bar(start: float, end: float, scale: _Scale, look: str) -> Mark:
    left, right = sorted((scale(start), scale(end)))
    return Mark(left, max(SHORTEST, right - left), BAR_TOP, BAR_HEIGHT, look)
