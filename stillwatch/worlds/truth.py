"""What a detector should say of each campaign: its size, what it is after, and whether it jumped on the release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.people import People

PIVOT = 0.3  # of a harvest in the 24 hours after a release, from which it jumped: the disclosure tells of nearly half
AS_PEOPLE = 1.5  # times everybody else's share, up to which it did not; between the two nobody can be wrong
ORDINARY = ""  # in place of a campaign: exchanges of ordinary accounts


def truth(
    accounts: Mapping[str, int],
    exchanges: Mapping[str, int],
    harvested: Mapping[str, int],
    after: Mapping[str, Mapping[str, int]],
    first_day: Mapping[str, float],
) -> dict[str, dict[str, Any]]:
    """By campaign. `after`: harvested exchanges by capability, of those whose capability is known."""
    people = first_day.get(ORDINARY, 0.0)
    told = {}
    for name, size in accounts.items():
        known = after.get(name, {})
        share = first_day.get(name, 0.0)
        told[name] = {
            "accounts": size,
            "exchanges": exchanges[name],
            "harvested": harvested[name],
            "capabilities": {one: count / sum(known.values()) for one, count in known.items()},
            "top_capability": max(known, key=lambda one: known[one], default=None),
            "first_day_share": round(share, 4),
            "first_day_share_of_others": round(people, 4),
            "pivots": True if share >= PIVOT else False if share <= AS_PEOPLE * people else None,
        }
    return told


def first_day_shares(people: Sequence[People], counts: npt.NDArray[np.int64]) -> dict[str, float]:
    """Share of the exchanges that went to the new model in the 24 hours after its release, of each harvest and of `ORDINARY`.

    Counted in the rows: a queue that works in the hour of the release only has hardly begun to turn, whatever it meant to do.
    """
    made: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for one, (*_, first_day, new) in zip(people, counts.tolist(), strict=True):
        made[one.campaign or ORDINARY] += first_day
        moved[one.campaign or ORDINARY] += new
    return {name: moved[name] / made[name] if made[name] else 0.0 for name in made}
