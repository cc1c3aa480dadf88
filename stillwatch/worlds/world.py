"""A world file: its window, its model release and the numbers of each group, in YAML, with a reason beside each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import shipped


@dataclass(frozen=True)
class World:
    """What a world holds at full scale."""

    name: str
    about: str
    start: datetime
    days: int
    models: tuple[str, str, str]  # the current one, its small sibling, the one released in the window
    release_day: float  # days from the start
    groups: dict[str, dict[str, Any]]  # numbers of each group, campaigns among them
    campaigns: tuple[str, ...]


def names() -> list[str]:
    """The worlds that come with the package."""
    return sorted(one.stem for one in shipped.FOLDER.glob("*-[0-9][0-9][0-9][0-9]-[0-9][0-9].yaml"))


def load(name: str) -> World:
    """A world by name."""
    if name not in names():
        raise BadConfiguration(f"no world called {name!r}", "", ", ".join(names()))
    document = shipped.read(f"{name}.yaml")
    if "same_as" in document:
        document = {**shipped.read(f"{document['same_as']}.yaml"), **document}
    campaigns = document["campaigns"]
    return World(
        name=name,
        about=document["about"],
        start=datetime.fromisoformat(document["start"]).replace(tzinfo=UTC),
        days=document["days"],
        models=tuple(document["models"]),
        release_day=document["release_day"],
        groups={**document["ordinary"], **campaigns},
        campaigns=tuple(campaigns),
    )
