"""A stream of events as it goes on to the client: whole events, since he can do nothing with less of one.

An event that holds no reasoning passes to the byte. One that cannot be edited passes as it came, and is told of by
`failed`: the answer matters more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from stillwatch.guard.members import changed
from stillwatch.guard.reasoning.edit import Shape
from stillwatch.guard.reasoning.held import MOST_HELD, TOO_LONG, Held, parsed
from stillwatch.guard.reasoning.summary import Read

_END = re.compile(rb"\n\r?\n")  # of an event
_DATA = re.compile(rb"^data:[ ]?([^\r\n]*)", re.MULTILINE)


class Streamed(Held):
    """Gives the same however the stream is cut into pieces."""

    def __init__(self, shape: Shape, read: Read) -> None:
        super().__init__(shape, read)
        self._looked = 0  # bytes of what is held, an event that has not ended, in which no end begins
        self._passing = False  # in an event that is too long to be held

    def feed(self, piece: bytes) -> bytes:
        """A piece of the answer; what goes on to the client."""
        self._held += piece
        passed = bytearray()
        while found := _END.search(self._held, self._looked):
            event = bytes(self._held[: found.end()])
            del self._held[: found.end()]
            self._looked = 0
            passed += self._edited(event)
            self._passing = False
        self._looked = max(len(self._held) - 2, 0)
        if self._passing or len(self._held) > MOST_HELD:
            self._passing, self._failed = True, TOO_LONG
            passed += self._held[: self._looked]
            del self._held[: self._looked]
            self._looked = 0
        return bytes(passed)

    def rest(self) -> bytes:
        """What is still to go on when the stream has ended, or has broken off within an event."""
        held = bytes(self._held)
        self._held.clear()
        return self._edited(held)

    def _edited(self, event: bytes) -> bytes:
        if self._passing:
            return event
        if len(event) > MOST_HELD:
            self._failed = TOO_LONG
            return event
        try:
            return self._changed(event)
        except Exception as problem:
            self._failed = type(problem).__name__
            return event

    def _changed(self, event: bytes) -> bytes:
        data = list(_DATA.finditer(event))
        text = b" ".join(one[1] for one in data)  # a line end between two of them is space in JSON
        document = parsed(text) if data else None
        if document is None:
            return event
        edit = self._shape.event(document)
        before = b"".join(_written(one, event) for one in edit.before)
        if edit.dropped or not edit.changes:
            return before if edit.dropped else before + event
        return before + event[: data[0].start(1)] + changed(text, edit.changes) + event[data[-1].end(1) :]


def _written(document: Mapping[str, Any], like: bytes) -> bytes:
    """A new event, written as the one that it goes before."""
    end = b"\r\n" if like.endswith(b"\r\n") else b"\n"
    named = b"event: " + str(document["type"]).encode() + end if b"event:" in like.partition(b"data:")[0] else b""
    return named + b"data: " + orjson.dumps(document) + end + end
