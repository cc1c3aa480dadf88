"""Campaign "burst": thousands of users with four requests each, in two days.

After September 2026, OpenAI: about 16,000 requests of more than 4,000 users on 24 and 25 July. No account does anything
that could be counted; what shows is that so many of them do the same thing for the first and the last time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import mix
from stillwatch.worlds.people import in_common, shared
from stillwatch.worlds.streams import Cast, Kind, Move


def burst(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("burst")
    size = cast.count(numbers)
    people = cast.add("burst", size, "burst")
    people.role[:] = "harvester"
    batch, _ = shared(random, size, numbers["sign_ups_a_burst"])
    people.created = -(1.0 + random.random(size) * 45)[batch] + random.exponential(0.03, size)
    people.start = np.full(size, float(numbers["from_day"]))
    people.stop = people.start + numbers["active_days"]
    people.batch = mix(batch + 1, cast.frame("burst sign-ups") & 0xFFFFFFFF)
    people.email = random.choice(
        ["email_generated", "email_throwaway", "email_person"], size, p=[0.5, 0.2, 0.3]
    ).astype("<U16")
    people.plan = random.choice(["free", "pro", "pay_as_you_go"], size, p=[0.5, 0.3, 0.2]).astype("<U14")
    people.payment[people.plan == "free"] = 0
    cards, _ = in_common(
        random, people.payment, numbers["accounts_a_card"], numbers["on_shared_cards"], cast.frame("burst cards")
    )
    people.payment = np.where(people.plan == "free", people.payment, cards)
    people.channel = random.choice([2, 1, 0], size, p=[0.6, 0.2, 0.2]).astype(np.int32)
    people.client = np.stack([clients().pick(random, size, "browser", "gateway", "sdk") for _ in range(2)], axis=1)
    cast.cells(
        people,
        random,
        numbers["accounts_a_cell"],
        lambda accounts: networks.addresses(random, max(2, accounts // 4), str(random.choice(["hosting", "access"]))),
    )
    kind = Kind(
        "burst_ask",
        follow="burst_follow",
        frame=cast.frame("burst"),
        harvested=True,
        replays=True,
        owner="burst",
        capability="reasoning",
    )
    cast.stream(
        "burst",
        people,
        np.full(size, float(numbers["exchanges_per_day"])),
        [kind],
        turns=1.3,
        gap=40.0,
        burst=12.0,
        move=Move(0.3, 4.0),
        mini=0.05,
        sessions_logged=0.5,
        max_tokens=(4096, 8192),
        typos=0.0,
    )
