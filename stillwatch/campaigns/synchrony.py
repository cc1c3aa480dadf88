"""Do the members rise and rest together, beyond the day, the week and what everybody did?

Hourly activity of each member, less what its volume and everybody's rhythm let expect; if members follow one schedule,
the residuals of an hour add up. The null shuffles each member's days among days of the same kind (working day, weekend),
which keeps its daily rhythm and its volume and breaks only the common schedule.
Innocent when: lessons, business hours of one firm, a scheduled job, an outage (which everybody shows).
"""

from __future__ import annotations

import numpy as np

from stillwatch.config import Campaigns

HOURS = 24
WEEKEND = 5  # first weekend day when Monday is 0


def synchrony(
    active: np.ndarray, everybody: np.ndarray, first_weekday: int, config: Campaigns, seed: int
) -> tuple[float, float]:
    """Excess of common activity, and its permutation p-value.

    active: (members, hours) 0/1, whole days; everybody: (hours,) share of unclustered accounts active; weekday of day 0.
    The excess is the mean correlation-like ratio of the summed residuals to their shuffled expectation, 1 = none.
    """
    volume = active.sum(axis=1, keepdims=True)
    rhythm = everybody + 1e-9
    residual = active - volume * (rhythm / rhythm.sum())
    residual /= np.sqrt((residual**2).sum(axis=1, keepdims=True)) + 1e-9
    days = residual.reshape(len(active), -1, HOURS)
    weekend = (np.arange(days.shape[1]) + first_weekday) % 7 >= WEEKEND
    observed = float((days.sum(axis=0) ** 2).sum())
    random = np.random.default_rng(seed)
    shuffled = np.empty(config.synchrony_shuffles)
    kinds = [np.flatnonzero(weekend == kind) for kind in (False, True)]
    for turn in range(config.synchrony_shuffles):
        total = np.zeros(days.shape[1:])
        for kind in kinds:
            order = random.random((len(days), len(kind))).argsort(axis=1)
            total[kind] = np.take_along_axis(days[:, kind], order[:, :, None], axis=1).sum(axis=0)
        shuffled[turn] = (total**2).sum()
    p_value = (1 + int((shuffled >= observed).sum())) / (config.synchrony_shuffles + 1)
    return observed / float(shuffled.mean()), p_value
