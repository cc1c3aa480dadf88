"""An answer in one piece: held until all of it has come, since JSON cannot be edited before its end is known."""

from __future__ import annotations

import json
from typing import Any

import orjson

from stillwatch.guard.members import changed
from stillwatch.guard.reasoning.edit import Shape
from stillwatch.guard.reasoning.summary import Read

MOST_HELD = 16 << 20  # bytes, of an answer or of an event: some four million tokens, more than any model answers
TOO_LONG = "TooLong"  # for that: passed on as it came, since holding all of it might cost everybody the server


class Whole:
    """As `Streamed`, of an answer in one piece."""

    def __init__(self, shape: Shape, read: Read) -> None:
        self._shape, self._read = shape, read
        self._held = bytearray()
        self._failed = ""

    @property
    def failed(self) -> str:
        """Why something passed as it came, or has no summary."""
        return self._failed or self._read.failed

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


def parsed(text: bytes) -> dict[str, Any] | None:
    """The object that a text is; None of what no client can read either, and of [DONE]."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            document = json.loads(text)  # NaN and half an emoji, which engines in Python write
        except ValueError:
            return None
    return document if isinstance(document, dict) else None
