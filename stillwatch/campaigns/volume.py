"""Whether a cluster sent more in the day after a release than its own days before and everybody's growth let expect.

An event study (MacKinlay, "Event studies in economics and finance", Journal of Economic Literature 35, 1997): days of 24
hours are counted from the release, so that each has the same hours of the day. The growth of a day is the logarithm of its
volume less the mean of the week before it, which has each weekday once; what everybody grew by in the same days is taken
off. How unusual that is, is told by the cluster's other days, each in the release's place (placebos in time: Abadie,
Diamond and Hainmueller, "Synthetic control methods", JASA 105, 2010). Days, not accounts, are what is drawn at random:
members that work off one queue are one observation.

Days after the release are placebos as well. If the volume stays up they compare with a week that it is part of, so they
make the test more careful, and a month of log has too few days without them.
Innocent when: an evaluation of the new model; a product that was launched with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

WEEK = 7  # days that a day is compared with
MIN_PLACEBOS = 9  # other days, from which a p-value is told: with fewer, the smallest is over a tenth
_ROUNDING = 1e-9  # of a logarithm: equal days must count as equal


@dataclass(frozen=True)
class Growth:
    """The day after a release over a day of the week before it."""

    ratio: float
    population_ratio: float
    p_value: float | None  # None for too few other days


def growth(
    mine: Mapping[int, float], everybody: Mapping[int, float], touched: Collection[int], floor: float
) -> Growth | None:
    """Of exchanges by day counted from the release (day 0), the cluster's and the unclustered's, over whole days.

    None unless the cluster was there in the week before and the day after. `touched`: days that another release may have
    changed; `floor`: exchanges added to each day, so that an idle one has a logarithm.
    """
    lived = [day for day, exchanges in mine.items() if exchanges > 0 and day in everybody]
    if not lived or not min(lived) + WEEK <= 0 <= max(lived):
        return None
    days = range(min(lived), max(lived) + 1)
    own, others = (_grown([one.get(day, 0.0) + floor for day in days]) for one in (mine, everybody))
    compared = np.arange(days.start + WEEK, days.stop)
    excess = own - others
    event = int(np.flatnonzero(compared == 0)[0])
    placebos = excess[(compared != 0) & ~np.isin(compared, list(touched))]
    as_far = 1 + int((placebos >= excess[event] - _ROUNDING).sum())
    p_value = as_far / (1 + len(placebos)) if len(placebos) >= MIN_PLACEBOS else None
    return Growth(float(np.exp(own[event])), float(np.exp(others[event])), p_value)


def _grown(volumes: list[float]) -> np.ndarray:
    """Log of each day's volume less the mean of the week before it, from the first day that has one."""
    logs = np.log(volumes)
    sums = np.concatenate([[0.0], np.cumsum(logs)])
    grown: np.ndarray = logs[WEEK:] - (sums[WEEK:-1] - sums[: -WEEK - 1]) / WEEK
    return grown
