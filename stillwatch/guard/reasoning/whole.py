"""An answer in one piece: held until all of it has come, since JSON cannot be edited before its end is known."""

from __future__ import annotations

from stillwatch.guard.members import changed
from stillwatch.guard.reasoning.held import MOST_HELD, TOO_LONG, Held, parsed


class Whole(Held):
    """As `Streamed`, of an answer in one piece."""

    def feed(self, piece: bytes) -> bytes:
        """A piece of the answer; nothing goes on before all of it is there."""
        self._held += piece
        if len(self._held) <= MOST_HELD and not self._failed:
            return b""
        self._failed = TOO_LONG
        passed = bytes(self._held)
        self._held.clear()
        return passed

    def rest(self) -> bytes:
        """The answer, edited."""
        body = bytes(self._held)
        self._held.clear()
        try:
            document = parsed(body)
            edit = self._shape.whole(document) if document is not None else None
            return changed(body, edit.changes) if edit is not None and edit.changes else body
        except Exception as problem:
            self._failed = type(problem).__name__
            return body
