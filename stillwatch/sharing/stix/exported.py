"""What an export is: the objects that would leave, and what was held back and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]  # a STIX 2.1 object as JSON has it


@dataclass(frozen=True)
class Withheld:
    """A value or a number that does not leave. `what` never shows it."""

    what: str  # kind and how many, in words
    why: str


@dataclass(frozen=True)
class Exported:
    """Objects in the order in which they refer to each other, made at one instant under one marking."""

    objects: tuple[Object, ...]
    withheld: tuple[Withheld, ...]
    campaigns: tuple[str, ...]  # of the result, by id
    marking: str  # TLP 2.0, such as TLP:AMBER+STRICT

    def bundle(self, identifier: str) -> Object:
        """All of it as one bundle of that id (`bundle--…`)."""
        return {"type": "bundle", "id": identifier, "objects": list(self.objects)}
