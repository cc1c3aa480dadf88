"""Exchanges per day as bars, with the days of model releases marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from stillwatch.render.svg import Mark, drawing
from stillwatch.render.wording import count, day, moment

HEIGHT = 150.0  # pixels
MOST_BARS = 180  # more would be thinner than a line on paper; longer periods are added up into several days a bar
GAP = 0.18  # share of a bar's room left free, so that bars can be told apart


@dataclass(frozen=True)
class ReleaseMark:
    number: int  # as written above the bars and in the list under them
    place: float  # percent from the left
    model: str
    day: str


@dataclass(frozen=True)
class Timeline:
    picture: Markup
    first: str
    last: str
    peak: int  # exchanges in the highest bar
    days_a_bar: int
    releases: list[ReleaseMark]


def timeline(
    days: Sequence[dict[str, Any]], releases: Sequence[dict[str, str]], key: str, name: str
) -> Timeline | None:
    """The drawing and the words around it; None when no day is known."""
    dated = [(known.date(), int(one["exchanges"])) for one in days if (known := moment(str(one["day"])))]
    if not dated:
        return None
    first, last = min(when for when, _ in dated), max(when for when, _ in dated)
    length = (last - first).days + 1
    step = math.ceil(length / MOST_BARS)
    sums = [0] * math.ceil(length / step)
    for when, exchanges in dated:
        sums[(when - first).days // step] += exchanges
    peak = max(*sums, 1)
    marks = [
        _bar(place, amount, len(sums), peak, first + timedelta(days=place * step)) for place, amount in enumerate(sums)
    ]
    found = _within(releases, first, last, len(sums) * step)
    marks += [Mark(one.place, 0, 0, HEIGHT, "release", f"{one.model} released") for one in found]
    edges = day(first.isoformat()), day(last.isoformat())
    description = f"From {edges[0]} to {edges[1]}, at most {peak:,} in one bar" + "".join(
        f"; {one.model} was released on {one.day}" for one in found
    )
    picture = drawing(key, HEIGHT, f"Exchanges per day of {name}", description, marks)
    return Timeline(picture, *edges, peak, step, found)


def _bar(place: int, amount: int, bars: int, peak: int, start: date) -> Mark:
    room, height = 100 / bars, HEIGHT * amount / peak
    hint = f"{day(start.isoformat())}: {count(amount, 'exchange')}"
    return Mark(room * (place + GAP / 2), room * (1 - GAP), HEIGHT - height, height, "ink", hint)


def _within(releases: Sequence[dict[str, str]], first: date, last: date, days: int) -> list[ReleaseMark]:
    """The releases that fall into the drawing, numbered from the left."""
    inside = []
    for release in releases:
        released = moment(release["released_at"])
        if released and first <= released.date() <= last:
            elapsed = (released.date() - first).days + released.hour / 24
            inside.append((100 * elapsed / days, release["model"], day(release["released_at"])))
    return [ReleaseMark(number, *one) for number, one in enumerate(sorted(inside), start=1)]
