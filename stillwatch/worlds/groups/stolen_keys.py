"""Campaign "stolen_keys": a harvest on keys of companies and people who do not know of it.

Its accounts have owners with a history, payers that never met and habits of their own; only what the thieves send and
where from ties them. The owners are victims: a detector should find them and say so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.groups import proxy_network
from stillwatch.worlds.people import ROTATING
from stillwatch.worlds.streams import Cast, Kind


def stolen_keys(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("stolen keys")
    total = cast.count(numbers)
    own = max(3, round(total * numbers["thieves_own"]))
    people = cast.add("stolen_keys", own, "stolen_keys")
    people.role[:] = "harvester"
    people.created = -random.uniform(2, 30, own)
    people.start = np.zeros(own)
    people.channel[:] = 0
    people.client = np.stack([clients().pick(random, own, "gateway") for _ in range(2)], axis=1)
    people.pool[:] = cast.pool(networks.neighbours(random, max(6, total // 6), "hosting", None, 4))
    people.address_mix[:] = ROTATING
    kinds = stolen_kinds(cast)
    cast.stream(
        "thieves' own",
        people,
        np.full(own, float(numbers["exchanges_per_day"])),
        kinds,
        rhythm="jobs",
        move=proxy_network.PIVOT,
        temperatures=(1.0, 0.8),
        max_tokens=(4096, 8192, 16384),
        typos=0.0,
    )
    proxy_network.stolen(cast, total - own, random, numbers, kinds, people)


def stolen_kinds(cast: Cast) -> list[Kind]:
    """Agents' work and data analysis in the form of training pairs."""
    return [
        Kind(
            prompt,
            weight,
            frame=cast.frame("stolen keys", prompt),
            harvested=True,
            owner="stolen_keys",
            capability=capability,
        )
        for prompt, weight, capability in (("stolen_agentic", 65, "agentic"), ("stolen_analysis", 35, "data_analysis"))
    ]
