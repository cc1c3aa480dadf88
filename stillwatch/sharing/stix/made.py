"""Makes single STIX objects: their ids, who made them, their marking, and when they changed.

An object that was told before keeps `created`; it keeps `modified` too unless something in it changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from stillwatch import tlp
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.identifiers import observable_id, own_id, public_id
from stillwatch.sharing.stix.scale import confidence

EXTENSION = "extension-definition--81c957c2-845a-40ee-bb3f-1005fde5ee6e"
_SINCE = "2026-11-27T00:00:00.000Z"  # of what is the same in every export
_SCHEMA = "docs/sharing-stix.md of stillwatch, under Extension"
MOST_OBSERVED = 999_999_999  # number_observed and count: the standard's limit


def instant(value: datetime | str) -> str:
    """RFC 3339 in milliseconds, UTC, as STIX has it."""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Made:
    """What all objects of one export have in common."""

    def __init__(
        self, producer: str, marking: str, names: Pseudonyms, now: datetime, earlier: Mapping[str, Object] | None = None
    ) -> None:
        self.now = instant(now)
        self.producer_id = public_id("identity", "organization", producer)
        self.marking_id = tlp.marking_id(marking)
        self._names = names
        self._marking = marking
        self._producer = producer
        self._earlier = earlier or {}

    def first(self) -> list[Object]:
        """What the others refer to: the marking, who speaks, and the extension that our own numbers stand in.

        An object of one id and version must be the same whoever gets it: theirs depend on names and marking alone.
        """
        program = self._identity("stillwatch", "system")
        extension = {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": EXTENSION,
            "created_by_ref": program["id"],
            "created": _SINCE,
            "modified": _SINCE,
            "name": "stillwatch",
            "description": "Counts and scores of a campaign of illicit distillation, and of those who show an indicator.",
            "schema": _SCHEMA,
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        }
        return [tlp.marking(self._marking), self._identity(self._producer, "organization"), program, extension]

    def object(self, kind: str, about: Sequence[str], *, sure: float | None = None, **properties: Any) -> Object:
        """An SDO or SRO of ours. `about`: what its id is made of. `sure`: 0..1, its confidence."""
        return self._kept(
            {
                "type": kind,
                "spec_version": "2.1",
                "id": own_id(kind, self._names, *about),
                "created_by_ref": self.producer_id,
                "created": self.now,
                "modified": self.now,
                **({} if sure is None else {"confidence": confidence(sure)}),
                "object_marking_refs": [self.marking_id],
                **_some(properties),
            }
        )

    def relation(self, source: Object, kind: str, target: Object, **properties: Any) -> Object:
        """source kind target, such as indicator indicates campaign."""
        return self.object(
            "relationship", (source["id"], kind, target["id"]),
            relationship_type=kind, source_ref=source["id"], target_ref=target["id"], **properties,
        )  # fmt: skip

    def observable(self, kind: str, **properties: Any) -> Object:
        """An SCO: the same for everybody who sees the same."""
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": observable_id(kind, properties),
            "object_marking_refs": [self.marking_id],
            **properties,
        }

    def _identity(self, name: str, kind: str) -> Object:
        """Each marking is a version of its own."""
        return {
            "type": "identity",
            "spec_version": "2.1",
            "id": public_id("identity", kind, name),
            "created": _SINCE,
            "modified": f"{_SINCE[:-2]}{tlp.NAMES.index(self._marking)}Z",
            "name": name,
            "identity_class": kind,
            "object_marking_refs": [self.marking_id],
        }

    def _kept(self, made: Object) -> Object:
        before = self._earlier.get(made["id"])
        if before is None or "created" not in before:
            return made
        same = {**before, "modified": self.now} == {**made, "created": before["created"]}
        return {**made, "created": before["created"], "modified": before["modified"] if same else self.now}


def ours(**properties: Any) -> Object:
    """Properties of ours as the extension of an object."""
    return {EXTENSION: {"extension_type": "property-extension", **_some(properties)}}


def _some(properties: Mapping[str, Any]) -> Object:
    """Those that say something: the standard allows no empty list, object or text."""
    return {name: value for name, value in properties.items() if value not in (None, "", [], {})}
