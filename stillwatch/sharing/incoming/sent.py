"""Values that we shared ourselves, and since when: what comes back of them is our own word."""

from __future__ import annotations

from pathlib import Path

from stillwatch.errors import BadConfiguration
from stillwatch.readers.patterns import compared
from stillwatch.sharing.incoming.kinds import spelled
from stillwatch.sharing.stix.checked import instant
from stillwatch.sharing.stix.reading import objects


def sent(folder: Path | None) -> dict[tuple[str, str], float]:
    """(kind, value) → seconds since 1970, of the bundles (*.json) in a folder; nothing without one."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise BadConfiguration("no such folder of bundles that we sent", str(folder), "sources.toml: ours.shared")
    found: dict[tuple[str, str], float] = {}
    for path in sorted(folder.glob("*.json")):
        for one in objects(path).objects:
            at = instant(one.get("created"))
            if one["type"] == "indicator" and at is not None:
                for kind, value in compared(one["pattern"]):
                    key = kind, spelled(kind, value)
                    found[key] = min(at.timestamp(), found.get(key, at.timestamp()))
    return found
