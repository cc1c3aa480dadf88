"""Techniques of MITRE ATLAS that a campaign shows, each with the finding that points to it, from data that can be replaced."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.evidence import Campaign

SHIPPED = Path(__file__).parents[2] / "data" / "sharing" / "atlas.toml"
_OF = ("finding", "elicitation", "reason", "pathway", "role")


@dataclass(frozen=True)
class Point:
    """A number of the result, and the least it must be."""

    of: str  # one of _OF
    name: str
    least: float
    why: str


@dataclass(frozen=True)
class Technique:
    id: str
    name: str
    stix: str
    points: tuple[Point, ...]
    inferred: bool = False


@dataclass(frozen=True)
class Mitigation:
    id: str
    name: str
    stix: str
    against: tuple[str, ...]  # ids of techniques


@dataclass(frozen=True)
class CaseStudy:
    id: str
    name: str
    url: str


@dataclass(frozen=True)
class Atlas:
    version: str
    source: str
    case_study: CaseStudy
    techniques: tuple[Technique, ...]
    mitigations: tuple[Mitigation, ...]


@dataclass(frozen=True)
class Used:
    """A technique that a campaign shows, and the sentences that say by what."""

    technique: Technique
    why: tuple[str, ...]
    score: float  # of the finding that points to it, 0..1; 1 for what was counted


def read(path: Path = SHIPPED) -> Atlas:
    """The table of techniques. What is wrong with one of one's own is said."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return Atlas(
            version=str(document["version"]),
            source=str(document["source"]),
            case_study=CaseStudy(**document["case_study"]),
            techniques=tuple(_technique(one) for one in document["technique"]),
            mitigations=tuple(
                Mitigation(**{**one, "against": tuple(one["against"])}) for one in document["mitigation"]
            ),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as problem:
        raise BadConfiguration(
            f"the ATLAS table cannot be read: {problem}", str(path), f"a TOML file of the form of {SHIPPED}"
        ) from problem


def _technique(row: Mapping[str, Any]) -> Technique:
    points = tuple(Point(**one) for one in row["points"])
    for point in points:
        if point.of not in _OF:
            raise ValueError(f"{row['id']}: of = {point.of!r} is none of {', '.join(_OF)}")
    if not row["stix"].startswith("attack-pattern--"):
        raise ValueError(f"{row['id']}: {row['stix']!r} is not the STIX id of an attack-pattern")
    return Technique(**{**row, "points": points})


def used(atlas: Atlas, campaign: Campaign, pathways: Mapping[str, float]) -> list[Used]:
    """Techniques that the campaign shows. `pathways`: shares of its own accounts by how they came, 0..1."""
    bits: dict[str, float] = {}
    for reason in campaign.evidence:
        bits[reason.code] = max(reason.weight, bits.get(reason.code, 0.0))
    numbers: dict[str, Mapping[str, float]] = {
        "finding": {name: one.score for name, one in campaign.findings.items()},
        "elicitation": campaign.elicitation,
        "reason": bits,
        "pathway": pathways,
        "role": campaign.roles,
    }
    return list(_used(atlas, numbers))


def _used(atlas: Atlas, numbers: Mapping[str, Mapping[str, float]]) -> Iterator[Used]:
    for technique in atlas.techniques:
        met = [point for point in technique.points if numbers[point.of].get(point.name, 0.0) >= point.least]
        if met:
            scores = [numbers["finding"][point.name] for point in met if point.of == "finding"]
            yield Used(technique, tuple(point.why for point in met), max(scores, default=1.0))
