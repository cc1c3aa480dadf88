"""Deals real rows like cards: a campaign's queue sends each once, on whichever account is next, before any comes again.

Days are written apart from each other, so what earlier days have dealt is counted first, without writing any text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.arrivals import deck_counts, requests
from stillwatch.worlds.people import F64, I32
from stillwatch.worlds.streams import Cast
from stillwatch.worlds.world import World


@dataclass(frozen=True)
class Dealt:
    """How many rows of each deck were dealt before a stream's day, and in all."""

    before: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)  # (day, stream): deck: rows
    total: dict[str, int] = field(default_factory=dict)

    def at(self, day: int, stream: int) -> dict[str, int]:
        return self.before.get((day, stream), {})


def dealt(cast: Cast, world: World, zones: I32, gaps: F64) -> Dealt:
    """Counts what every day of every stream deals."""
    result = Dealt()
    with_decks = [(n, s) for n, s in enumerate(cast.streams) if any(kind.deck for kind in s.kinds)]
    for day in range(world.days):
        weekday = (world.start.weekday() + day) % 7
        for number, stream in with_decks:
            result.before[day, number] = dict(result.total)
            rows = requests(stream, number, zones, day, weekday, cast.seed, gaps, {})
            for deck, count in deck_counts(stream, rows).items():
                result.total[deck] = result.total.get(deck, 0) + count
    return result


def rounds(position: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How often a deck of that many rows was dealt out before a position; 0 where there is no deck."""
    return np.where(rows > 0, position // np.maximum(rows, 1), 0)
