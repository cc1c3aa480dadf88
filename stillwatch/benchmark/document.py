"""detection.json: everything that was asked, found and failed, in one document that the page is a view of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stillwatch.benchmark.measures.threshold import Threshold
from stillwatch.benchmark.pooled import by_world_and_detector, over_all_worlds
from stillwatch.benchmark.told import BY_NAME, MAIN, Measure, apart
from stillwatch.worlds.world import ladder

if TYPE_CHECKING:
    from stillwatch.benchmark.run import Settings

SCHEMA_VERSION = 1  # of detection.json
SUBJECT = "stillwatch"  # the detector that the page asks "where is it not better?" of

Document = dict[str, Any]


def document(settings: Settings, fits: Mapping[str, Threshold | None], cells: Sequence[Mapping[str, Any]]) -> Document:
    """`cells` are the reported ones."""
    rows = by_world_and_detector([dict(one) for one in cells])
    names = [one.name for one in settings.detectors]
    subject = SUBJECT if SUBJECT in names else names[0]
    commits = {str(one["made_by"]["commit"]) for one in cells if "made_by" in one}
    return {
        "schema_version": SCHEMA_VERSION,
        "made_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "subject": subject,
        "settings": {
            "command": list(settings.command),
            "worlds": [place.key for place in settings.places],
            "seeds": list(settings.seeds),
            "fit_worlds": [place.key for place in settings.fit_places],
            "fit_seeds": list(settings.fit_seeds),
            "scale": settings.scale,
            "prompts": str(settings.prompts) if settings.prompts else None,
            "traces": str(settings.traces) if settings.traces else None,
            "replay_every": settings.replay_every,
            "limit": settings.limit,
        },
        "versions": settings.made_by,
        "commits_of_cells": sorted(commits),
        "worlds": [
            {"world": place.key, "label": place.label, "rung": place.rung, "about": place.load().about}
            | {"campaigns": list(place.load().campaigns)}
            for place in settings.places
        ],
        "ladder": [{"rung": rung, "name": name, "about": about} for rung, name, about in ladder()],
        "detectors": [_listed(asdict(one)) for one in settings.detectors],
        "thresholds": {name: asdict(fit) if fit else None for name, fit in fits.items()},
        "pooled": rows,
        "over_all_worlds": over_all_worlds([dict(one) for one in cells]),
        "not_better": not_better(rows, subject),
        "failed": [
            {name: one[name] for name in ("world", "label", "seed", "detector", "status", "problem")}
            for one in cells
            if one["status"] != "done"
        ],
        "cells": [{name: value for name, value in one.items() if name != "made_by"} for one in cells],
    }


def _listed(known: Document) -> Document:
    """As JSON has it, so that the document is the same before it was written and after."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}


def not_better(rows: Sequence[Document], subject: str) -> list[Document]:
    """Each world and measure at which another detector is better than the subject, the best of the others beside it."""
    found = []
    for world in dict.fromkeys(row["world"] for row in rows):
        here = [row for row in rows if row["world"] == world]
        for measure in (*MAIN, BY_NAME["seconds"]):
            found += _beaten(measure, here, subject)
    return found


def _beaten(measure: Measure, here: Sequence[Document], subject: str) -> list[Document]:
    ours = next((measure.of(row) for row in here if row["detector"] == subject), None)
    others = [(row, value) for row in here if row["detector"] != subject and (value := measure.of(row)) is not None]
    if ours is not None:
        others = [one for one in others if measure.better(one[1]["value"], ours["value"])]
    if not others:
        return []
    order = sorted(others, key=lambda one: -one[1]["value"] if measure.more_is_better else one[1]["value"])
    row, theirs = order[0]
    return [
        {
            "world": row["world"],
            "label": row["label"],
            "measure": measure.name,
            "detector": row["detector"],
            "ours": ours["value"] if ours else None,
            "theirs": theirs["value"],
            "apart": apart(ours, theirs) if ours else None,
            "also_better": [one["detector"] for one, _ in order[1:]],
        }
    ]
