"""A coding agent that thousands of unrelated developers run: one long shared system prompt, tools, files and test logs.

It looks like a campaign: one template over very many accounts, tools, hosting addresses. What sets it apart is that its
accounts share nothing else: own payers, own ages, own code, working hours of their own zones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import ONE
from stillwatch.worlds.streams import Cast, Kind, Move, heavy


def agents(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("agents")
    people = cast.add("agents", cast.count(numbers))
    size = len(people)
    own = np.stack([clients().pick(random, size, "agent") for _ in range(2)], axis=1)
    behind = np.stack([clients().pick(random, size, "gateway") for _ in range(2)], axis=1)
    people.client = np.where(random.random((size, 1)) < numbers["behind_a_gateway"], behind, own)
    people.channel = random.choice([0, 2, 3], size, p=[0.45, 0.45, 0.1]).astype(np.int32)
    cloud = random.random(size) < numbers["in_cloud_workspaces"]
    people.address[cloud, 0] = networks.addresses(random, int(cloud.sum()), "hosting")
    people.address_mix = np.where(cloud & (random.random(size) < 0.5), ONE, people.address_mix).astype(np.int32)
    people.pathway = random.choice(
        ["self_serve", "startup", "cloud", "enterprise"], size, p=[0.8, 0.1, 0.06, 0.04]
    ).astype("<U18")
    people.plan = random.choice(["pay_as_you_go", "pro", "max"], size, p=[0.4, 0.35, 0.25]).astype("<U14")
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    version = random.choice(numbers["client_versions"], size)
    for number in range(numbers["client_versions"]):
        frame = cast.frame("agent client", number // 2)  # every other version leaves the prompt as it was
        cast.stream(
            f"agents {number}",
            people,
            rate,
            agent_kinds(cast, frame),
            version == number,
            turns=9.0,
            gap=22.0,
            burst=0.5,
            move=Move(0.6, 1.5),
            sessions_logged=0.9,
            temperatures=(1.0, 1.0, 0.0),
            max_tokens=(8192, 16384, 32000),
            streamed=0.95,
            typos=0.02,
        )


def agent_kinds(cast: Cast, frame: int) -> list[Kind]:
    """A task in somebody's own code, then results of the tools that the agent called."""
    system = cast.word("agent_system_real", "agent_system")
    step = cast.word("agent_step_real", "agent_step")
    ask = cast.word("agent_ask_real", "agent_ask")
    return [Kind(ask, 1.0, follow=step, system=system, tools="agent_tools", frame=frame, long_context=True)]
