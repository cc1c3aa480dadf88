"""The Traffic Light Protocol of an object: the strictest of its markings, and of those on parts of it.

Ids of TLP 2.0 are those of the OASIS extension, ids of TLP 1.0 those of STIX 2.1 (7.2.1.4); nobody makes others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LEVELS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")  # the strictest last
_IDS = {
    "94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
    "939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
    "e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",  # white, of TLP 1.0
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
    "f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
}
KNOWN = {f"marking-definition--{identifier}": level for identifier, level in _IDS.items()}


def above(one: dict[str, Any], most: str) -> str:
    """The level of an object where it is stricter than `most`, else empty. One that is not marked is not above any.

    A definition of a marking is not information under it: everybody sends the five along.
    """
    if one.get("id") in KNOWN:
        return ""
    found = max((KNOWN[ref] for ref in _refs(one) if ref in KNOWN), key=LEVELS.index, default=LEVELS[0])
    return found if LEVELS.index(found) > LEVELS.index(most) else ""


def _refs(one: dict[str, Any]) -> Iterator[str]:
    whole = one.get("object_marking_refs")
    parts = one.get("granular_markings")
    for ref in whole if isinstance(whole, list) else ():
        if isinstance(ref, str):
            yield ref
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and isinstance(part.get("marking_ref"), str):
            yield part["marking_ref"]
