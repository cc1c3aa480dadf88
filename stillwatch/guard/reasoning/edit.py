"""What becomes of one document of an answer: an event of a stream, or all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from stillwatch.guard.members import Place


@dataclass(slots=True)
class Edit:
    """Changes of a document; none: it stays as it is."""

    changes: dict[Place, Any] = field(default_factory=dict)
    dropped: bool = False  # an event of which nothing is left
    before: list[Mapping[str, Any]] = field(default_factory=list)  # events that go before it


class Editor(Protocol):
    """Edits an answer on its way to the client."""

    @property
    def failed(self) -> str:
        """Why something passed as it came, or has no summary; empty if nothing did."""

    def feed(self, piece: bytes) -> bytes:
        """A piece of the answer; what goes on to the client."""

    def rest(self) -> bytes:
        """What is still to go on when the answer has ended."""


class Shape(Protocol):
    """One interface's answers. Remembers what the events of a stream have said."""

    def event(self, document: Mapping[str, Any]) -> Edit:
        """Of an event."""

    def whole(self, document: Mapping[str, Any]) -> Edit:
        """Of an answer in one piece."""
