"""When people sign up: days of the week, hours of their own day; and how crowds fall into teams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.arrivals import HUMAN, OFFICE, WEEKEND
from stillwatch.worlds.people import F64, I32

Numbers = npt.NDArray[np.int64]


def moments(rng: np.random.Generator, zone: I32, days: float, rhythm: str = "human", first: float | F64 = 0.0) -> F64:
    """A moment each, in days from the start: any of `days` from `first` on, at an hour of the local day as people keep it."""
    size = len(zone)
    day = np.floor(first + rng.random(size) * days)
    weekend = (day.astype(np.int64) % 7) >= 5  # the first day is a Monday
    tired = weekend & (rng.random(size) > WEEKEND[rhythm])
    day = np.where(tired, np.floor(first + rng.random(size) * days), day)
    return np.asarray(day + hour(rng, zone, rhythm) / 24.0)


def hour(rng: np.random.Generator, zone: I32, rhythm: str) -> F64:
    """Hours from midnight UTC, 0 to 24, as a rhythm has them in a zone."""
    curve = HUMAN if rhythm == "human" else OFFICE
    share = np.cumsum(curve) / curve.sum()
    local = np.searchsorted(share, rng.random(len(zone))) + rng.random(len(zone))
    return np.asarray((local - zone) % 24.0)


def within(rng: np.random.Generator, moment: F64, begins: F64, days: float) -> F64:
    """What would come after the last day comes some time between its beginning and then."""
    over = moment >= days
    return np.where(over, begins + rng.random(len(moment)) * np.maximum(days - begins, 0.0) * 0.999, moment)


def teams(rng: np.random.Generator, total: int, members: Sequence[int]) -> Numbers:
    """Splits accounts into teams, small ones more often than large: each one's team. The last may be small."""
    low, high = members
    sizes: list[int] = []
    while sum(sizes) < total:
        sizes.append(int(np.exp(rng.uniform(np.log(low), np.log(high + 1)))))
    return np.repeat(np.arange(len(sizes)), sizes)[:total]


def leads(team: Numbers) -> Numbers:
    """The place of the first member of each one's team."""
    return np.asarray(np.unique(team, return_index=True)[1][np.unique(team, return_inverse=True)[1]])
