"""The Traffic Light Protocol, version 2.0: its names, and the ids under which STIX 2.1 carries them.

STIX 2.1 itself fixes marking definitions of TLP 1.0 only. Those of 2.0 are the common objects that OASIS publishes with an
extension definition of their own; an object of that id must be that object, to the letter, so they are made here from one row.
"""

from __future__ import annotations

from typing import Any

EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_PUBLISHED = "2022-10-01T00:00:00.000Z"  # `created` of all of them, as published
_IDS = {  # from the most to the least open
    "TLP:CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
NAMES = tuple(_IDS)
# What a mark means, by its id: those of 2.0, and those that STIX 2.1 fixes of 1.0, whose white is clear.
MARKS = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
    **{mark: name for name, mark in _IDS.items()},
}


def named(text: str) -> str | None:
    """The name of 2.0 that people mean by `amber+strict`, `TLP:Amber`, `white`; None for no such name."""
    name = "TLP:" + text.strip().upper().removeprefix("TLP:").replace("WHITE", "CLEAR")
    return name if name in _IDS else None


def marking_id(name: str) -> str:
    """Id of the marking definition of a name of 2.0."""
    return _IDS[name]


def marking(name: str) -> dict[str, Any]:
    """The marking definition of 2.0, as OASIS publishes it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _IDS[name],
        "created": _PUBLISHED,
        "name": name,
        "extensions": {
            EXTENSION: {"extension_type": "property-extension", "tlp_2_0": name.removeprefix("TLP:").lower()}
        },
    }
