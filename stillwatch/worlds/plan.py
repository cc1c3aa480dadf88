"""The plan of a world: every group's accounts and streams, at a scale and for a seed, and how campaigns evade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import evasions
from stillwatch.worlds.streams import Again, Cast, Group, Move
from stillwatch.worlds.world import World


def cast_of(world: World, scale: float, seed: int, phrases: frozenset[str], groups: Mapping[str, Group]) -> Cast:
    """Everybody, group by group."""
    if not 0 < scale <= 1:
        raise BadConfiguration(
            f"scale {scale} is out of range", "", "above 0, at most 1; 0.005 gives about 250,000 exchanges"
        )
    cast = Cast(seed, scale, world.days, phrases, world.release_day, refused=world.refused)
    for name, numbers in world.groups.items():
        if name not in groups:
            raise BadConfiguration(f"no group called {name!r}", world.name, ", ".join(groups))
        if name not in world.beside:
            groups[name](cast, evasions.resized(numbers, world.evasions) if name in world.campaigns else numbers)
    evasions.evade(cast, world.evasions)
    for name in world.beside:  # they share what others show, which evasions change
        groups[name](cast, world.groups[name])
    if world.rush:
        _rush(cast, Move(world.rush["share"], world.rush["days"]))
    if world.retries:
        _retry(cast, world.retries)
    return cast


def _rush(cast: Cast, least: Move) -> None:
    """A launch that everybody waited for: all ordinary users move at least as far, and at least as fast."""
    for stream in cast.streams:
        if not stream.campaign:
            move = stream.move
            stream.move = replace(move, share=max(move.share, least.share), days=min(move.days, least.days))


def _retry(cast: Cast, numbers: Mapping[str, Any]) -> None:
    """Ordinary clients send again what failed, on accounts of their own; some campaigns take it to the next of their pool."""
    soonest, latest = numbers["within_seconds"]
    customers = Again(numbers["on_the_same_account"], numbers["inside_the_organization"], 0.0, (soonest, latest))
    for stream in cast.streams:
        if not stream.campaign:
            stream.again = customers
        elif stream.campaign in numbers["on_another_account"]:
            stream.again = Again(pool=numbers["on_another_account"][stream.campaign], seconds=(soonest, latest))
