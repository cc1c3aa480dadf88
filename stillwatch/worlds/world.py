"""A world file: its window, its model release and the numbers of each group, in YAML, with a reason beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import shipped

LADDER = "evasions.yaml"
REQUIRED = ("about", "start", "days", "models", "release_day", "ordinary", "campaigns")


@dataclass(frozen=True)
class World:
    """What a world holds at full scale."""

    name: str  # with @ and the rung, or + and each evasion, where campaigns evade
    about: str
    start: datetime
    days: int
    models: tuple[str, str, str]  # the current one, its small sibling, the one released in the window
    release_day: float  # days from the start
    groups: dict[str, dict[str, Any]]  # numbers of each group, campaigns among them
    campaigns: tuple[str, ...]
    beside: tuple[str, ...] = ()  # ordinary groups that share with others what those show: made last
    rush: dict[str, float] = field(default_factory=dict)  # share and days with which everybody goes to the new model
    refused: float = 0.0  # share of anybody's requests that a filter turns away, rightly or not
    retries: dict[str, Any] = field(default_factory=dict)  # what clients do about requests that fail
    evasions: dict[str, dict[str, Any]] = field(default_factory=dict)  # what campaigns do against being found


def names() -> list[str]:
    """The worlds that come with the package."""
    return sorted(one.stem for one in shipped.FOLDER.glob("*-[0-9][0-9][0-9][0-9]-[0-9][0-9].yaml"))


def ladder() -> list[tuple[int, str, str]]:
    """Each rung with its evasion and what that is; a rung adds one to those below it."""
    return [(rung, name, one["about"]) for rung, (name, one) in enumerate(shipped.read(LADDER).items(), start=1)]


def load(name: str, rung: int = 0, evasions: Sequence[str] = ()) -> World:
    """A world by name, or from a YAML file of one's own; its campaigns evade as on this rung of the ladder, or by these
    evasions alone.
    """
    document = _whole(name)
    missing = [one for one in REQUIRED if one not in document]
    if missing:
        raise BadConfiguration(
            f"no {', '.join(missing)}", name, ", ".join(REQUIRED), "or same_as: a world that has them"
        )
    campaigns, beside = document["campaigns"] or {}, document.get("beside", {})
    return World(
        name=Path(name).stem + (f"@{rung}" if rung else "") + "".join(f"+{one}" for one in evasions),
        about=document["about"],
        start=datetime.fromisoformat(str(document["start"])).replace(tzinfo=UTC),
        days=document["days"],
        models=tuple(document["models"]),
        release_day=document["release_day"],
        groups={**document["ordinary"], **campaigns, **beside},
        campaigns=tuple(campaigns),
        beside=tuple(beside),
        rush=document.get("rush", {}),
        refused=document.get("refused", 0.0),
        retries=document.get("retries", {}),
        evasions=_evasions(rung, evasions),
    )


def _whole(name: str) -> dict[str, Any]:
    """A world's document, laid over the one it is the same as."""
    document = _document(name)
    return {**_whole(document["same_as"]), **document} if "same_as" in document else document


def _document(name: str) -> dict[str, Any]:
    if name in names():
        return dict(shipped.read(f"{name}.yaml"))
    if not name.endswith((".yaml", ".yml")):
        raise BadConfiguration(f"no world called {name!r}", "", f"{', '.join(names())}, or a YAML file of your own")
    try:
        document = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadConfiguration(f"world not readable: {problem}", name, "a YAML file") from problem
    if not isinstance(document, dict):
        raise BadConfiguration("not a world", name, f"a mapping with {', '.join(REQUIRED)}")
    return document


def _evasions(rung: int, chosen: Sequence[str]) -> dict[str, dict[str, Any]]:
    ladder: dict[str, dict[str, Any]] = shipped.read(LADDER)
    if not 0 <= rung <= len(ladder):
        raise BadConfiguration(f"no rung {rung}", LADDER, f"0 to {len(ladder)}")
    for one in chosen:
        if one not in ladder:
            raise BadConfiguration(f"no evasion called {one!r}", LADDER, ", ".join(ladder))
    wanted = {*list(ladder)[:rung], *chosen}
    return {one: numbers for one, numbers in ladder.items() if one in wanted}
