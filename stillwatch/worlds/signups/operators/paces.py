"""When an operator makes accounts: batches, staff's hours, or the day of the country it claims to live in."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.signups import hours, lands
from stillwatch.worlds.signups.newcomers import Crowd, Newcomers, moved
from stillwatch.worlds.signups.operators.craft import Craft


def paced(crowd: Crowd, craft: Craft, them: Newcomers) -> Any:
    """Sets countries and moments; gives the batch of each account: what is made in one go is made one way."""
    random, size, people = craft.random("pace"), len(them), them.people
    weight = 1.0 / np.arange(1, len(craft.claims) + 1)
    days = float(craft.between("active_days", random, 1)[0])
    first = random.uniform(0.0, max(crowd.days - days, 0.01))
    staff = np.full(size, lands.people_of(craft.home)["zones"][0], np.int32)
    batch = hours.teams(random, size, craft.rung["burst"])
    batches = int(batch.max()) + 1
    land = craft.claims[random.choice(len(craft.claims), batches, p=weight / weight.sum())]
    each = craft.claims[random.choice(len(craft.claims), size, p=weight / weight.sum())]
    together = craft.some("in_bursts", size)
    moved(random, them, np.where(together, land[batch], each))
    begins = hours.moments(random, staff[:batches], days, "office", first)
    lasts = craft.between("burst_hours", random, batches) / 24.0
    burst = hours.within(random, begins[batch] + random.beta(1.0, 1.5, size) * lasts[batch], begins[batch], crowd.days)
    at_work = hours.moments(random, staff, days, "office", first)
    all_day = hours.moments(random, people.zone, days, "human", first)
    alone = np.where(craft.some("staff_hours", size), at_work, all_day)
    people.created = np.where(together, burst, alone)
    return np.where(together, batch, batches + people.created.astype(int))  # the others go by what is at hand that day
