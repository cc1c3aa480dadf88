"""The measures that worlds and detectors are compared by: their words, which way is better, how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """One number of a pooled world and detector."""

    name: str
    words: str
    path: tuple[str, ...]
    more_is_better: bool = True
    judged: bool = True  # whether a change of it alone makes a detector worse; time depends on the machine

    def of(self, pooled: Document) -> Document | None:
        """Value and interval; None when there is no such number."""
        found: Any = pooled
        for step in self.path:
            found = found.get(step) if found is not None else None
        return found

    def better(self, one: float, other: float) -> bool:
        """Whether `one` is strictly better than `other`."""
        return one > other if self.more_is_better else one < other

    def written(self, value: float) -> str:
        return number(value) if not self.more_is_better else decimal(value)


MEASURES = (
    Measure("recall", "recall", ("recall",)),
    Measure("precision", "precision", ("precision",)),
    Measure("f1", "F1", ("f1",)),
    Measure("average_precision", "average precision", ("average_precision",)),
    Measure("false_accusations", "false accusations per 100,000", ("false_accusations",), more_is_better=False),
    Measure("exchange_recall", "recall of harvested exchanges", ("exchanges", "recall")),
    Measure("exchange_precision", "precision of harvested exchanges", ("exchanges", "precision")),
    Measure("purity", "purity of campaigns", ("campaigns", "purity")),
    Measure("completeness", "completeness of campaigns", ("campaigns", "completeness")),
    Measure("seconds", "seconds", ("seconds",), more_is_better=False, judged=False),
)
BY_NAME = {one.name: one for one in MEASURES}
MAIN = tuple(BY_NAME[name] for name in ("recall", "precision", "f1", "average_precision", "false_accusations"))


def decimal(value: float) -> str:
    """A share with three digits; never rounded to all or nothing when it is neither."""
    if 0 < value < 0.0005:
        return "<0.001"
    if 0.9995 <= value < 1:
        return ">0.999"
    return f"{value:.3f}"


def number(value: float) -> str:
    """A rate or a time: one digit below ten, none from there on."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def told(measure: Measure, found: Document | None) -> str:
    """The number alone, or a dash."""
    return "–" if found is None else measure.written(found["value"])


def interval(measure: Measure, found: Document | None) -> str:
    """`0.912–0.977`; empty when it is not known."""
    if found is None or found["low"] is None:
        return ""
    return f"{measure.written(found['low'])}–{measure.written(found['high'])}"


def apart(one: Document, other: Document) -> bool | None:
    """Whether each lies outside the other's interval; None when an interval is not known."""
    if None in (one["low"], other["low"]):
        return None
    return not (one["low"] <= other["value"] <= one["high"] or other["low"] <= one["value"] <= other["high"])


def best(measure: Measure, row: Sequence[Document]) -> float | None:
    """The best value that any of them has."""
    values = [found["value"] for one in row if (found := measure.of(one)) is not None]
    return (max(values) if measure.more_is_better else min(values)) if values else None
