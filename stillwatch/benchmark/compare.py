"""Two runs of the benchmark beside each other: what changed, and whether by more than chance explains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillwatch.benchmark.document import SCHEMA_VERSION
from stillwatch.benchmark.told import MEASURES, apart
from stillwatch.errors import BadConfiguration

Document = dict[str, Any]

_ASKED = ("scale", "seeds", "fit_worlds", "fit_seeds", "prompts", "traces")  # settings under which figures are alike


def read_document(file: Path) -> Document:
    """A detection.json."""
    try:
        known: Document = json.loads(file.read_bytes())
    except (OSError, ValueError) as problem:
        raise BadConfiguration(
            f"it cannot be read: {problem}", str(file), "a detection.json", "stillwatch bench detection --out FOLDER"
        ) from None
    version = known.get("schema_version") if isinstance(known, dict) else None
    if version != SCHEMA_VERSION or "pooled" not in known:
        raise BadConfiguration(
            f"it is no detection.json of version {SCHEMA_VERSION}",
            str(file),
            "what stillwatch bench detection writes",
            "stillwatch bench detection --out FOLDER",
        )
    return known


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
    """Every world, detector and measure that both have; what only one has is listed by name.

    A change is `outside` when each value lies outside the other's interval. Time is told, but never called worse.
    """
    before, after = (_by_place(one) for one in (old, new))
    both = [place for place in before if place in after]
    rows = [row for place in both for row in _changes(before[place], after[place])]
    fails_now = [place for place in both if before[place]["seeds"] and not after[place]["seeds"]]
    return {
        "schema_version": 1,
        "settings_differ": [name for name in _ASKED if old["settings"].get(name) != new["settings"].get(name)],
        "rows": rows,
        "only_old": [_said(place) for place in before if place not in after],
        "only_new": [_said(place) for place in after if place not in before],
        "fails_now": [_said(place) for place in fails_now],
        "worse": len(fails_now) + sum(_surely_worse(row) for row in rows),
    }


def _said(place: tuple[str, str]) -> str:
    return ": ".join(place)


def _surely_worse(row: Mapping[str, Any]) -> bool:
    return row["outside"] is True and row["better"] is False and row["judged"]


def _by_place(document: Mapping[str, Any]) -> dict[tuple[str, str], Document]:
    return {(row["world"], row["detector"]): row for row in document["pooled"]}


def _changes(old: Document, new: Document) -> list[Document]:
    made = []
    for measure in MEASURES:
        one, other = measure.of(old), measure.of(new)
        if one is None or other is None:
            continue
        made.append(
            {
                "world": new["world"],
                "label": new["label"],
                "detector": new["detector"],
                "measure": measure.name,
                "old": one["value"],
                "new": other["value"],
                "change": other["value"] - one["value"],
                "better": None if one["value"] == other["value"] else measure.better(other["value"], one["value"]),
                "outside": apart(one, other),
                "judged": measure.judged,
            }
        )
    return made
