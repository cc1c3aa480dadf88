"""Campaign "network": one proxy network that two rivals rent, each with a harvest of its own, beside resold traffic.

After September 2026: a pool that funnelled the requests of two more labs. The accounts are one operator's and are one
campaign; whose harvest an exchange is, the labels tell as its tenant.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from stillwatch.worlds.groups import proxy_network
from stillwatch.worlds.people import F64, People
from stillwatch.worlds.streams import Cast, Kind, Move

TENANTS = ("north", "south")


def network(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("network")
    people = cast.add("network", cast.count(numbers), "network")
    rate = proxy_network.opened(cast, people, random, numbers, random.random)
    for tenant, part in zip(TENANTS, (0.4, 0.6), strict=True):
        _harvest(cast, people, rate * part, tenant)


def _harvest(cast: Cast, people: People, rate: F64, tenant: str) -> None:
    cast.stream(
        f"network {tenant}",
        people,
        rate,
        north_kinds(cast) if tenant == "north" else south_kinds(cast),
        people.role != "spare",
        rhythm="jobs",
        move=Move(0.4, 1.5, by_request=True) if tenant == "north" else proxy_network.PIVOT,
        mini=0.05,
        sessions_logged=0.4,
        temperatures=(1.0, 0.7),
        max_tokens=(4096, 8192, 16384),
        streamed=0.4,
        typos=0.0,
    )


def north_kinds(cast: Cast) -> list[Kind]:
    """Worked reasoning and grades."""

    kind = partial(cast.harvest, "north")
    if "real_north_bare" in cast.phrases:
        problems: dict[str, Any] = {"deck": "real_north_bare", "again": "north_real_framed"}
        return [kind("north_real_framed", 60, **problems), kind("harvest_inner_reasoning", 40, "reasoning")]
    return [
        kind("harvest_reasoning", 45, "reasoning"),
        kind("harvest_inner_reasoning", 30, "reasoning"),
        kind("harvest_grading", 25, "judging"),
    ]


def south_kinds(cast: Cast) -> list[Kind]:
    """Code, tools and agents."""

    kind = partial(cast.harvest, "south")
    if "real_south_bare" in cast.phrases:
        tasks: dict[str, Any] = {"deck": "real_south_bare", "again": "south_real_framed"}
        return [kind("south_real_framed", 100, **tasks)]
    return [
        kind("harvest_coding", 50, "coding"),
        kind("harvest_tool_use", 30, "tool_use", tools="harvest_tools", long_context=True),
        kind("harvest_agentic", 20, "agentic", tools="harvest_tools", long_context=True),
    ]
