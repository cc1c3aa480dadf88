"""Techniques of ATLAS that a campaign uses, and what ATLAS has against them.

They are ATLAS's objects: its ids, its names, none of our marking. Their dates lie before any of its own, so that a store which
has the originals keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.evidence import Campaign
from stillwatch.sharing.stix.atlas import Atlas, Mitigation, Technique, used
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.made import Made

_BEFORE_ALL = "2020-01-01T00:00:00.000Z"  # ATLAS was published later that year


def techniques(made: Made, one: Campaign, told: Object, atlas: Atlas, pathways: Mapping[str, float]) -> list[Object]:
    """attack-patterns with `uses`, courses of action with `mitigates`."""
    objects: list[Object] = []
    patterns: dict[str, Object] = {}
    for found in used(atlas, one, pathways):
        pattern = _theirs("attack-pattern", found.technique)
        patterns[found.technique.id] = pattern
        how = "Inferred" if found.technique.inferred else "Observed"
        objects += [
            pattern,
            made.relation(
                told, "uses", pattern, sure=one.confidence * found.score, description=f"{how}: {' '.join(found.why)}"
            ),
        ]
    for mitigation in atlas.mitigations:
        against = [patterns[name] for name in mitigation.against if name in patterns]
        if against:
            action = _theirs("course-of-action", mitigation)
            objects += [action, *(made.relation(action, "mitigates", pattern) for pattern in against)]
    return objects


def _theirs(kind: str, row: Technique | Mitigation) -> Object:
    part = "techniques" if kind == "attack-pattern" else "mitigations"
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": row.stix,
        "created": _BEFORE_ALL,
        "modified": _BEFORE_ALL,
        "name": row.name,
        "external_references": [
            {"source_name": "mitre-atlas", "external_id": row.id, "url": f"https://atlas.mitre.org/{part}/{row.id}"}
        ],
    }
