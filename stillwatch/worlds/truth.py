"""What a detector should say of each campaign: its size, what it is after, and whether it jumped on the release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from stillwatch.worlds.streams import Cast, Move, Stream

PIVOT = 0.3  # of a harvest in the 24 hours after a release, from which it jumped: the disclosure tells of nearly half
AS_PEOPLE = 1.5  # times everybody else's share, up to which it did not; between the two nobody can be wrong


def truth(
    cast: Cast,
    accounts: Mapping[str, int],
    exchanges: Mapping[str, int],
    harvested: Mapping[str, int],
    after: Mapping[str, Mapping[str, int]],
) -> dict[str, dict[str, Any]]:
    """By campaign. `after`: harvested exchanges by capability, of those whose capability is known."""
    people = first_day_share([one for one in cast.streams if not one.campaign], cast.released)
    told = {}
    for name, size in accounts.items():
        known = after.get(name, {})
        share = first_day_share([one for one in cast.harvests if one.campaign == name], cast.released)
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


def first_day_share(streams: list[Stream], released: float) -> float:
    """Expected share of the exchanges that go to the new model in the 24 hours after its release; 0 if there are none."""
    weight = np.array([one.rate[(one.start < released + 1.0) & (one.stop > released)].sum() for one in streams])
    share = np.array([_moved(stream.move) for stream in streams])
    return float((weight * share).sum() / weight.sum()) if weight.sum() else 0.0


def _moved(move: Move) -> float:
    """Mean over one day of share x (1 - exp(-time / days))."""
    return move.share * (1.0 - move.days * (1.0 - float(np.exp(-1.0 / move.days))))
