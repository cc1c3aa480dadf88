"""Campaign "tools": hundreds of accounts of every type over several pathways, after coding, tools and agents.

They share little: a few addresses, cards in small batches, devices of one farm. Later they try to rebuild reasoning.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import ROTATING, in_common, shared
from stillwatch.worlds.streams import Cast, Kind, Move, heavy

PATHWAYS = (["self_serve", "startup", "education", "security_research", "cloud"], [0.45, 0.2, 0.13, 0.1, 0.12])


def tools(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("tools")
    size = cast.count(numbers)
    people = cast.add("tools", size, "tools")
    people.role[:] = "harvester"
    people.pathway = random.choice(PATHWAYS[0], size, p=PATHWAYS[1]).astype("<U18")
    people.plan = random.choice(["pay_as_you_go", "pro", "max"], size, p=[0.6, 0.2, 0.2]).astype("<U14")
    people.email = np.where(people.pathway == "education", "email_campus", people.email)
    people.channel = np.where(people.pathway == "cloud", 3, random.choice([0, 0, 0, 2], size)).astype(np.int32)
    people.created = -(random.random(size) ** 2) * 200 + random.uniform(0, 10, size)
    people.start = np.maximum(people.created + 0.2, 0.0)
    cell, _ = shared(random, size, numbers["accounts_a_cell"])
    people.payment, _ = in_common(
        random, people.payment, numbers["accounts_a_card"], numbers["on_shared_cards"], cast.frame("tools cards")
    )
    people.device, _ = in_common(
        random, people.device, numbers["accounts_a_device"], numbers["on_farm_devices"], cast.frame("farm")
    )
    people.client = np.stack([clients().pick(random, size, "sdk", "agent", "gateway") for _ in range(2)], axis=1)
    for number in np.unique(cell):
        here = cell == number
        own = networks.addresses(random, int(random.integers(3, 8)), str(random.choice(["hosting", "access"])))
        people.pool[here] = cast.pool(own)
    people.address_mix[:] = ROTATING
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    queue = np.zeros(len(people), np.int32) + (cell // numbers["cells_a_queue"]).astype(np.int32)
    cast.stream(
        "tools",
        people,
        rate,
        tools_kinds(cast, numbers["reconstruction_from_day"]),
        rhythm="jobs",
        queue=queue,
        turns=2.2,
        gap=25.0,
        move=Move(0.5, 0.9, by_request=True),
        mini=0.05,
        sessions_logged=0.5,
        temperatures=(1.0, 1.0, 0.6),
        max_tokens=(4096, 8192, 16384),
        streamed=0.5,
        typos=0.0,
    )


def tools_kinds(cast: Cast, later: float) -> list[Kind]:
    """What the campaign asks for; from day `later` on also traces to be rebuilt, with kept reasoning tokens."""

    def kind(prompt: str, weight: float, capability: str = "", number: int = 0, **rest: Any) -> Kind:
        frame = cast.frame("tools", prompt, number)
        return Kind(prompt, weight, frame=frame, harvested=True, owner="tools", capability=capability, **rest)

    rebuilding = kind("harvest_trace", 18, "reasoning", from_day=later, replays=True, follow="harvest_refine")
    if "real_tools_bare" in cast.phrases:
        tasks: dict[str, Any] = {
            "deck": "real_tools_bare",
            "again": "tools_real_framed",
            "follow": "harvest_agent_step",
        }
        calls: dict[str, Any] = {
            "deck": "real_tools_framed",
            "again": "tools_real_again",
            "follow": "harvest_agent_step",
        }
        return [
            kind("tools_real_framed", 40, **tasks),
            kind("tools_real_bare", 30, **tasks),
            *([kind("tools_real_own", 14, **calls)] if "real_tools_framed" in cast.phrases else []),
            rebuilding,
        ]
    step: dict[str, Any] = {"follow": "harvest_agent_step", "long_context": True}
    return [
        kind("harvest_coding", 18, "coding", follow="harvest_refine"),
        kind("harvest_coding", 12, "coding", 1, follow="harvest_refine"),
        kind("harvest_tool_use", 18, "tool_use", tools="harvest_tools", **step),
        kind("harvest_agentic", 16, "agentic", tools="harvest_tools", **step),
        kind("harvest_data_analysis", 14, "data_analysis", follow="harvest_refine"),
        kind("harvest_computer_use", 6, "computer_use", **step),
        kind("harvest_vision", 4, "vision", follow="harvest_refine"),
        kind("harvest_coding_zh", 10, "coding", follow="harvest_refine_zh"),
        rebuilding,
    ]
