"""Every setting: frozen, with its default, its unit and the reason for the number. Read from TOML.

One section per stage; a section is a frozen dataclass, a setting is a field. `docs/settings.md` is generated from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from stillwatch.config.detection import (
    FAMILIES,
    Alarms,
    Behaviour,
    Campaigns,
    Clusters,
    Links,
    Reading,
    Standing,
    Templates,
    Text,
)
from stillwatch.config.running import (
    Canary,
    Engine,
    Guard,
    Reasoning,
    Spark,
    Watch,
    Watermark,
)
from stillwatch.config.sharing import Sharing
from stillwatch.config.verification import (
    Recheck,
    Returns,
    Signups,
    Verification,
)
from stillwatch.errors import BadConfiguration
from stillwatch.toml_file import read_toml

__all__ = [
    "FAMILIES",
    "Alarms",
    "Behaviour",
    "Campaigns",
    "Canary",
    "Clusters",
    "Config",
    "Engine",
    "Guard",
    "Links",
    "Reading",
    "Reasoning",
    "Recheck",
    "Returns",
    "Sharing",
    "Signups",
    "Spark",
    "Standing",
    "Templates",
    "Text",
    "Verification",
    "Watch",
    "Watermark",
    "load",
]


@dataclass(frozen=True)
class Config:
    """All settings of a run."""

    seed: int = 20260223  # of every shuffle and sample: the same log gives the same result
    reading: Reading = field(default_factory=Reading)
    text: Text = field(default_factory=Text)
    templates: Templates = field(default_factory=Templates)
    behaviour: Behaviour = field(default_factory=Behaviour)
    links: Links = field(default_factory=Links)
    clusters: Clusters = field(default_factory=Clusters)
    campaigns: Campaigns = field(default_factory=Campaigns)
    standing: Standing = field(default_factory=Standing)
    engine: Engine = field(default_factory=Engine)
    spark: Spark = field(default_factory=Spark)
    alarms: Alarms = field(default_factory=Alarms)
    watch: Watch = field(default_factory=Watch)
    guard: Guard = field(default_factory=Guard)
    reasoning: Reasoning = field(default_factory=Reasoning)
    watermark: Watermark = field(default_factory=Watermark)
    canary: Canary = field(default_factory=Canary)
    signups: Signups = field(default_factory=Signups)
    recheck: Recheck = field(default_factory=Recheck)
    verification: Verification = field(default_factory=Verification)
    returns: Returns = field(default_factory=Returns)
    sharing: Sharing = field(default_factory=Sharing)


def load(path: Path | None) -> Config:
    """Settings from a TOML file over the defaults; an unknown or mistyped one is an error that names the allowed."""
    if path is None:
        return Config()
    document = read_toml(path, "settings not readable")
    return _overlay(Config(), document, str(path), "")


def _overlay(section: Any, document: dict[str, Any], path: str, prefix: str) -> Any:
    allowed = {one.name: one for one in fields(section)}
    changes: dict[str, Any] = {}
    for name, value in document.items():
        where = f"{path}: {prefix}{name}"
        if name not in allowed:
            raise BadConfiguration("no such setting", where, ", ".join(sorted(allowed)), "see docs/settings.md")
        default = getattr(section, name)
        if is_dataclass(default):
            if not isinstance(value, dict):
                raise BadConfiguration("a section was expected", where, f"[{prefix}{name}] and settings under it")
            changes[name] = _overlay(default, value, path, f"{prefix}{name}.")
        else:
            changes[name] = _typed(value, default, where)
    return replace(section, **changes)


def _typed(value: Any, default: Any, where: str) -> Any:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        value = tuple(value)
    if default is not None and type(value) is not type(default):
        raise BadConfiguration(
            f"{value!r} is not of the right type", where, f"{type(default).__name__}, such as {default!r}"
        )
    return value
