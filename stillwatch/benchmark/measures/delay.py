"""How much was harvested before a campaign was seen, from as-of runs: each reads nothing later than its instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.benchmark.measures.intervals import share

# Share of a campaign's accounts, of those active by then, that have to be accused. One accused account may be luck and
# starts no inquiry that finds the rest; from a tenth on, shared cards, addresses and templates lead to the others.
SEEN = 0.1

Steps = Sequence[tuple[float, Set[str]]]  # days from the start, and who was accused then; in order of time


def first_seen(steps: Steps, accounts: pa.Table) -> float | None:
    """The first step at which enough of a campaign was accused; `accounts` holds its account_id and first day."""
    names, first = accounts["account_id"].to_pylist(), accounts["first_day"].to_pylist()
    for day, accused in steps:
        active = [name for name, start in zip(names, first, strict=True) if start < day]
        if active and sum(name in accused for name in active) >= SEEN * len(active):
            return day
    return None


def delays(steps: Steps, exchanges: pa.Table) -> dict[str, dict[str, Any]]:
    """Of each planted campaign: the day it was seen, and the harvest that was over by then.

    `exchanges` are those of campaign accounts: campaign, account_id, day (from the start), harvested. A campaign that was
    never seen lost everything.
    """
    told = {}
    for name in sorted(set(exchanges["campaign"].to_pylist())):
        own = exchanges.filter(pc.equal(exchanges["campaign"], name))
        starts = own.group_by("account_id").aggregate([("day", "min")]).rename_columns(["account_id", "first_day"])
        day = first_seen(steps, starts)
        days = own.filter(own["harvested"])["day"].to_numpy()
        before = len(days) if day is None else int(np.sum(days < day))
        told[name] = {"detected_days": [day], "harvested": len(days), "harvested_before": before}
    return told


def delay_measures(counts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The share of the harvest that was over before detection, for each campaign; `detected_days` has a day a seed."""
    if counts is None:
        return None
    told = {
        name: {**one, "lost": share(one["harvested_before"], one["harvested"])}
        for name, one in counts["campaigns"].items()
    }
    return {**counts, "campaigns": told}
