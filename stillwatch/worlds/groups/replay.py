"""Campaign "replay": sessions of other people, stored and sent again, with reasoning tokens redeemed where they do not belong.

After September 2026, Xiaomi: more than 400,000 exchanges in 20 days through more than 1,500 accounts, in a dozen
languages, some 13 exchanges a day and account: nobody's volume stands out.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import in_common
from stillwatch.worlds.streams import Cast, Move, heavy


def replay(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("replay")
    size = cast.count(numbers)
    people = cast.add("replay", size, "replay")
    people.role[:] = "harvester"
    people.created = -(random.random(size) ** 1.3) * 120 - 1.0
    people.start = np.full(size, float(numbers["from_day"]))
    people.stop = people.start + numbers["active_days"]
    people.org[random.random(size) < 0.7] = 0
    people.device, _ = in_common(random, people.device, (2, 4), numbers["on_farm_devices"], cast.frame("replay farm"))
    people.channel[:] = 0
    people.client = np.stack([clients().pick(random, size, "sdk", "gateway") for _ in range(2)], axis=1)
    cast.cells(
        people,
        random,
        numbers["accounts_a_cell"],
        lambda accounts: networks.addresses(random, max(3, accounts // 3), "hosting"),
    )
    kind = partial(cast.harvest, "replay")
    cast.stream(
        "replay",
        people,
        heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"]),
        [
            kind("replayed_ask", 80, "reasoning", follow="replayed_follow", replays=True),
            kind("replayed_ask", 20, "reasoning", follow="replayed_follow"),
        ],
        rhythm="jobs",
        turns=1.8,
        gap=20.0,
        move=Move(0.4, 2.0, by_request=True),
        mini=0.05,
        sessions_logged=0.4,
        max_tokens=(4096, 8192),
        streamed=0.4,
        typos=0.0,
    )
