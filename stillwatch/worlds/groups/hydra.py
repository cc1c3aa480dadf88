"""Campaign "hydra": a reseller's network of thousands of accounts, where a harvest hides among customers' own requests.

A few accounts belong to others, whose keys were stolen.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from stillwatch.worlds.groups import proxy_network
from stillwatch.worlds.groups.proxy_network import PIVOT
from stillwatch.worlds.people import F64, People
from stillwatch.worlds.streams import Cast, Kind


def hydra(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("hydra")
    total = cast.count(numbers)
    victims = max(2, round(total * numbers["victims"]))
    people = cast.add("hydra", total - victims, "hydra")
    # 5 to 80 percent, differently on each account
    rate = proxy_network.opened(cast, people, random, numbers, lambda size: random.beta(1.6, 1.2, size))
    _harvest(cast, people, rate)
    proxy_network.stolen(cast, victims, random, numbers, hydra_kinds(cast), people)


def _harvest(cast: Cast, people: People, rate: F64) -> None:
    cast.stream(
        "hydra harvest",
        people,
        rate,
        hydra_kinds(cast),
        people.role != "spare",
        rhythm="jobs",
        turns=1.15,
        gap=20.0,
        move=PIVOT,
        mini=0.02,
        sessions_logged=0.5,
        temperatures=(1.0, 0.8),
        max_tokens=(4096, 8192, 16384),
        streamed=0.5,
        typos=0.0,
    )


def hydra_kinds(cast: Cast) -> list[Kind]:
    """Agentic coding and tools, tasks and checks to train on."""

    kind = partial(cast.harvest, "hydra")
    if "real_hydra_bare" in cast.phrases:
        tasks: dict[str, Any] = {
            "deck": "real_hydra_bare",
            "again": "hydra_real_framed",
            "follow": "harvest_agent_step",
        }
        makers: dict[str, Any] = {
            "deck": "real_hydra_framed",
            "again": "hydra_real_again",
            "follow": "harvest_agent_step",
        }
        return [
            kind("hydra_real_framed", 47, **tasks),
            kind("hydra_real_bare", 33, **tasks),
            *([kind("hydra_real_own", 20, **makers)] if "real_hydra_framed" in cast.phrases else []),
        ]
    return [
        kind("harvest_coding", 22, "coding", follow="harvest_refine"),
        kind("harvest_agentic", 20, "agentic", tools="harvest_tools", follow="harvest_agent_step", long_context=True),
        kind("harvest_tool_use", 18, "tool_use", tools="harvest_tools", follow="harvest_agent_step", long_context=True),
        kind("harvest_task_writing", 16, "data_generation", follow="harvest_refine"),
        kind("harvest_coding_zh", 12, "coding", follow="harvest_refine_zh"),
        kind("harvest_coding_ru", 6, "coding", follow="harvest_refine"),
        kind("harvest_data_analysis", 6, "data_analysis", follow="harvest_refine"),
    ]
