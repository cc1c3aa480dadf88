"""Drawings of the page: how sure a share is, how a detector fares up the ladder, whether its scores are probabilities.

Across in percent and down in pixels, as in stillwatch.render.svg, so that they fit any width without distortion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from stillwatch.benchmark.told import decimal
from stillwatch.render.visible import clipped, visible

STRIP_HEIGHT, RECALL_Y, PRECISION_Y = 28.0, 9.0, 20.0  # pixels
LADDER_HEIGHT, LADDER_MARGIN = 110.0, 8.0  # pixels; the margin keeps the dots at 0 and 1 whole
SQUARE = 190.0  # pixels: height of a reliability diagram
DOT = 4.5  # pixels: radius
SMALLEST_BIN, LARGEST_BIN = 3.0, 11.0  # pixels: radius of a bin with one account, and of one with most of them
USED = 97.0  # percent of a strip's width; the rest keeps the dot at 1 inside

Document = Mapping[str, Any]


def drawn(key: str, height: float, title: str, description: str, inside: Sequence[Markup]) -> Markup:
    """One drawing with the words that say what it shows; `key` must be unique on the page."""
    return Markup(
        '<svg width="100%" height="{height:.0f}" role="img" aria-labelledby="{key}-title {key}-desc">'
        '<title id="{key}-title">{title}</title><desc id="{key}-desc">{description}</desc>{inside}</svg>'
    ).format(
        height=height,
        key=key,
        title=visible(clipped(title, 300)),
        description=visible(clipped(description, 600)),
        inside=Markup("").join(inside),
    )


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> Markup:
    return Markup('<line class="{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>').format(look, x1, y1, x2, y2)


def dot(x: float, y: float, radius: float, look: str, hint: str) -> Markup:
    return Markup('<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>').format(
        look, x, y, radius, visible(hint)
    )


def strip(key: str, name: str, recall: Document | None, precision: Document | None) -> Markup:
    """Recall (filled) above precision (hollow) on one line from 0 to 1, each with its interval."""
    marks = [line(USED * tick, 2, USED * tick, STRIP_HEIGHT - 2, "tick") for tick in (0.0, 0.25, 0.5, 0.75, 1.0)]
    said = []
    for word, found, y, look in (
        ("recall", recall, RECALL_Y, "dot"),
        ("precision", precision, PRECISION_Y, "dot hollow"),
    ):
        if found is None:
            said.append(f"no {word}")
            continue
        told = f"{word} {decimal(found['value'])}, between {decimal(found['low'])} and {decimal(found['high'])}"
        marks.append(line(USED * found["low"], y, USED * found["high"], y, "whisker"))
        marks.append(dot(USED * found["value"], y, DOT, look, told))
        said.append(told)
    return drawn(key, STRIP_HEIGHT, f"Recall and precision of {name}", "; ".join(said), marks)


def ladder(key: str, name: str, own: Sequence[float | None], others: Sequence[Sequence[float | None]]) -> Markup:
    """A measure from 0 to 1 at each rung; the other detectors in grey behind."""
    marks = [line(0, _height(level), 100, _height(level), "tick") for level in (0.0, 0.5, 1.0)]
    for other in others:
        marks += _path(other, "other")
    marks += _path(own, "path")
    for place, value in enumerate(own):
        if value is not None:
            marks.append(dot(_across(place, own), _height(value), DOT, "dot", f"rung {place}: {decimal(value)}"))
    said = ", ".join("none" if value is None else decimal(value) for value in own)
    return drawn(key, LADDER_HEIGHT, f"{name} over the rungs of the ladder", said, marks)


def _path(values: Sequence[float | None], look: str) -> list[Markup]:
    return [
        line(_across(place, values), _height(one), _across(place + 1, values), _height(other), look)
        for place, (one, other) in enumerate(pairwise(values))
        if one is not None and other is not None
    ]


def _across(place: int, values: Sequence[float | None]) -> float:
    """The middle of its column, so that the numbers below stand under their dots."""
    return 100 * (place + 0.5) / len(values)


def _height(value: float) -> float:
    return LADDER_MARGIN + (LADDER_HEIGHT - 2 * LADDER_MARGIN) * (1 - value)


def reliability(key: str, name: str, bins: Sequence[Document]) -> Markup:
    """Score across, share of planted accounts up; on the line the score is the probability. Larger dots, more accounts."""
    most = max(one["planted"]["of"] for one in bins)
    marks = [line(0, SQUARE, 100, 0, "diagonal"), line(0, 0, 0, SQUARE, "tick"), line(0, SQUARE, 100, SQUARE, "tick")]
    said = []
    for one in bins:
        planted, x = one["planted"], 100 * one["mean_score"]
        told = f"{planted['of']:,} accounts scored {decimal(one['mean_score'])} on average, {decimal(planted['value'])} planted"
        marks.append(line(x, SQUARE * (1 - planted["low"]), x, SQUARE * (1 - planted["high"]), "whisker"))
        radius = SMALLEST_BIN + (LARGEST_BIN - SMALLEST_BIN) * (planted["of"] / most) ** 0.5  # area tells the number
        marks.append(dot(x, SQUARE * (1 - planted["value"]), radius, "bin", told))
        said.append(told)
    return drawn(key, SQUARE, f"Reliability of the scores of {name}", "; ".join(said), marks)
