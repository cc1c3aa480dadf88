"""What exactly would leave, as people and programs look through it before they approve."""

from __future__ import annotations

from collections import Counter
from typing import Any

from stillwatch.sharing.stix.exported import Exported, Object
from stillwatch.sharing.stix.made import EXTENSION


def preview(exported: Exported, document: Object) -> dict[str, Any]:
    """Counts of objects, each indicator in full, and what stays."""
    shown = [_indicator(one) for one in exported.objects if one["type"] == "indicator"]
    return {
        "bundle": document["id"],
        "marking": exported.marking,
        "campaigns": list(exported.campaigns),
        "objects": dict(Counter(one["type"] for one in exported.objects).most_common()),
        "indicators": shown,
        "withheld": [{"what": one.what, "why": one.why} for one in exported.withheld],
    }


def _indicator(one: Object) -> dict[str, Any]:
    counted = one["extensions"][EXTENSION]
    return {
        "id": one["id"],
        "kind": counted["kind"],
        "pattern": one["pattern"],
        "confidence": one["confidence"],
        "valid_until": one["valid_until"],
        **{name: counted[name] for name in ("accounts", "customers", "outside", "population", "purity")},
    }
