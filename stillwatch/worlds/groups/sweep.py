"""Campaign "sweep": thousands of requests, each another way to ask for hidden reasoning; what worked is then done at scale.

After September 2026: one lab tested more than 12,000 techniques, one request each. No two requests of the sweep are
alike, so it has no template. Most are refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import ROTATING, in_common
from stillwatch.worlds.streams import Cast, Kind, Move


def sweep(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("sweep")
    size = cast.count(numbers)
    people = cast.add("sweep", size, "sweep")
    people.role[:] = "harvester"
    people.created = -random.uniform(1, 45, size)
    people.start = np.full(size, float(numbers["from_day"]))
    people.channel[:] = 0
    people.client = np.stack([clients().pick(random, size, "sdk") for _ in range(2)], axis=1)
    people.payment, _ = in_common(
        random, people.payment, numbers["accounts_a_card"], numbers["on_shared_cards"], cast.frame("sweep cards")
    )
    people.pool[:] = cast.pool(networks.neighbours(random, max(4, size // 4), "hosting", None, 3))
    people.address_mix[:] = ROTATING
    rest: dict[str, Any] = {
        "rhythm": "jobs",
        "round_robin": True,
        "mini": 0.1,
        "sessions_logged": 0.2,
        "temperatures": (1.0, 0.0),
        "max_tokens": (8192, 16384),
        "streamed": 0.3,
        "typos": 0.0,
    }
    last = numbers["from_day"] + numbers["sweep_days"]
    refused = float(numbers.get("refused", 0.0))
    probe = Kind("sweep_probe", harvested=True, owner="sweep", capability="reasoning", refused=refused)
    sent = cast.stream("sweep", people, np.full(size, numbers["techniques_per_day"]), [probe], **rest)
    sent.stop = np.full(size, float(last))
    worked = Kind(
        "harvest_trace",
        frame=cast.frame("sweep", "worked"),
        harvested=True,
        owner="sweep",
        capability="reasoning",
        replays=True,
    )
    rate = np.full(size, float(numbers["exchanges_per_day"]))
    scaled = cast.stream("sweep at scale", people, rate, [worked], move=Move(0.45, 1.0, by_request=True), **rest)
    scaled.start = np.full(size, float(last))
