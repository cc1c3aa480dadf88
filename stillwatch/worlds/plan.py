"""The plan of a world: every group's accounts and streams, at a scale and for a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.worlds.streams import Cast
from stillwatch.worlds.world import World

Group = Callable[[Cast, dict[str, Any]], None]


def cast_of(world: World, scale: float, seed: int, phrases: frozenset[str], groups: Mapping[str, Group]) -> Cast:
    """Everybody, group by group."""
    if not 0 < scale <= 1:
        raise BadConfiguration(
            f"scale {scale} is out of range", "", "above 0, at most 1; 0.005 gives about 250,000 exchanges"
        )
    cast = Cast(seed, scale, world.days, phrases, world.release_day)
    for name, numbers in world.groups.items():
        if name not in groups:
            raise BadConfiguration(f"no group called {name!r}", world.name, ", ".join(groups))
        groups[name](cast, numbers)
    return cast
