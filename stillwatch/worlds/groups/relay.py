"""Campaign "relay": a rival's own developers' requests, sent on as they are: real, diverse, with a known agent's prompt.

After September 2026, DeepSeek: 12.1 million exchanges in two weeks, chosen by the agent that sent them. There is no
template of the campaign's own. What is left are accounts: made together, paid together, behind the same exits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import mix
from stillwatch.worlds.groups.agents import agent_kinds
from stillwatch.worlds.people import in_common, shared
from stillwatch.worlds.streams import Cast, Move, heavy


def relay(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("relay")
    size = cast.count(numbers)
    people = cast.add("relay", size, "relay")
    people.role[:] = "harvester"
    burst, _ = shared(random, size, numbers["sign_ups_a_burst"])
    people.created = -(3.0 + random.random(size) * 80)[burst] + random.exponential(0.04, size)
    people.start = np.full(size, float(numbers["from_day"])) + random.random(size)
    people.stop = people.start + numbers["active_days"]
    people.batch = mix(burst + 1, cast.frame("relay bursts") & 0xFFFFFFFF)
    people.email = random.choice(["email_person", "email_generated", "email_work"], size, p=[0.5, 0.35, 0.15]).astype(
        "<U16"
    )
    people.payment, _ = in_common(
        random, people.payment, numbers["accounts_a_card"], numbers["on_shared_cards"], cast.frame("relay cards")
    )
    people.pathway = random.choice(["self_serve", "startup", "cloud"], size, p=[0.75, 0.15, 0.1]).astype("<U18")
    people.plan = random.choice(["pay_as_you_go", "pro", "max"], size, p=[0.4, 0.2, 0.4]).astype("<U14")
    people.channel = random.choice([0, 2, 3], size, p=[0.5, 0.4, 0.1]).astype(np.int32)
    people.client = np.stack([clients().pick(random, size, "gateway", "agent") for _ in range(2)], axis=1)
    cast.cells(
        people,
        random,
        numbers["accounts_a_cell"],
        lambda accounts: networks.neighbours(random, max(3, accounts // 3), "hosting", None, 2),
    )
    people.zone[:] = 8  # the hours of those whose requests they are
    kinds = [
        replace(kind, harvested=True, owner="relay", capability="agentic")
        for number in range(3)  # client versions in use among the rival's users
        for kind in agent_kinds(cast, cast.frame("agent client", number))
    ]
    cast.stream(
        "relay",
        people,
        heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"]),
        kinds,
        turns=9.0,
        gap=22.0,
        burst=1.5,
        move=Move(0.5, 0.8, by_request=True),
        mini=0.05,
        sessions_logged=0.6,
        temperatures=(1.0, 1.0, 0.0),
        max_tokens=(8192, 16384, 32000),
        streamed=0.9,
        typos=0.02,
    )
