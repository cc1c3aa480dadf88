"""A bundle as a package takes it: of known form, marked, in force, and without what names a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillwatch.errors import BadConfiguration, UnknownFormat
from stillwatch.sharing import markings
from stillwatch.sharing.outgoing import canonical, identifying
from stillwatch.sharing.stix.exported import Object

MOST_OBJECTS = 500_000
_ID = re.compile(r"[a-z][a-z0-9-]{1,248}--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Bundle:
    """What would leave, once it has been looked through."""

    id: str
    objects: tuple[Object, ...]
    digest: str  # SHA-256 of the canonical JSON of the whole bundle
    marking: str  # the strictest in it
    markings: Mapping[str, int]  # how many objects have which
    ends: float | None  # seconds since 1970: when the first of it is over; None when nothing has an end

    @property
    def producer(self) -> Object | None:
        """The identity that made most of it: others may stand in it as makers of public lists."""
        made = Counter(one.get("created_by_ref") for one in self.objects)
        named = [one for one in self.objects if one["type"] == "identity"]
        return max(named, key=lambda one: made[one["id"]], default=None)

    @property
    def whole(self) -> Object:
        return {"type": "bundle", "id": self.id, "objects": list(self.objects)}


def checked(value: Any, where: str) -> Bundle:
    """A bundle of a value that was read from a file; an error says what keeps it from leaving."""
    if not isinstance(value, dict) or value.get("type") != "bundle" or value.keys() - {"type", "id", "objects"}:
        raise UnknownFormat(
            "no STIX 2.1 bundle", where, '{"type": "bundle", "id": …, "objects": [...]} and nothing else'
        )
    objects = value.get("objects")
    if not isinstance(objects, list) or not 0 < len(objects) <= MOST_OBJECTS or not _ID.fullmatch(str(value.get("id"))):
        raise UnknownFormat("a bundle without an id or objects", where, f"1 to {MOST_OBJECTS:,} objects")
    seen: set[str] = set()
    for place, one in enumerate(objects):
        _of_form(one, f"{where}: objects[{place}]")
        if one["id"] in seen:
            raise UnknownFormat(f"{one['id']} stands twice", f"{where}: objects[{place}]", "each object once")
        seen.add(one["id"])
    marking, counted = markings.of_objects(objects, where)
    if found := list(identifying.found(objects)):
        places = "; ".join(f"{place} ({what})" for place, what in found[:5])
        raise BadConfiguration(
            f"{len(found):,} values look like direct identifiers: {places}", where,
            "pseudonyms, addresses of machines, domains, hashes, skeletons with slots",
            "what names a person goes by people, with a lawyer, not by this command",
        )  # fmt: skip
    ends = [at for one in objects if not one.get("revoked") for at in _ends(one, where)]
    return Bundle(value["id"], tuple(objects), canonical.digest(value), marking, dict(counted), min(ends, default=None))


def _of_form(one: Any, where: str) -> None:
    if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not isinstance(one.get("type"), str):
        raise UnknownFormat("an object without type and id", where, "STIX 2.1 objects")
    if not _ID.fullmatch(one["id"]) or not one["id"].startswith(f"{one['type']}--"):
        raise UnknownFormat(f"id {one['id'][:80]!r} of a {one['type'][:40]!r}", where, "TYPE--UUID")
    lists = [one.get(name, []) for name in ("object_marking_refs", "granular_markings")]
    if not all(isinstance(part, list) for part in lists) or not isinstance(one.get("extensions", {}), dict):
        raise UnknownFormat("markings or extensions not understood", where, "STIX 2.1 objects")
    if not all(isinstance(ref, str) for ref in lists[0]) or not all(isinstance(part, dict) for part in lists[1]):
        raise UnknownFormat("markings not understood", where, "STIX 2.1 objects")


def _ends(one: Mapping[str, Any], where: str) -> Iterator[float]:
    if "valid_until" in one:
        yield moment(one["valid_until"], f"{where}: {one['id']}")


def moment(text: Any, where: str) -> float:
    """A STIX timestamp, in seconds since 1970."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no time zone")
    except (TypeError, ValueError):
        raise UnknownFormat(f"instant {text!r}", where, "as in 2026-11-27T22:00:00.000Z") from None
    return at.timestamp()
