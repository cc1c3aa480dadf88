"""What is held of an answer until it can be edited, and read of it then: the same of a stream's event as of one piece."""

from __future__ import annotations

import json
from typing import Any

import orjson

from stillwatch.guard.reasoning.edit import Shape
from stillwatch.guard.reasoning.summary import Read

MOST_HELD = 16 << 20  # bytes, of an answer or of an event: some four million tokens, more than any model answers
TOO_LONG = "TooLong"  # for that: passed on as it came, since holding all of it might cost everybody the server


class Held:
    """An editor, but for how it is fed."""

    def __init__(self, shape: Shape, read: Read) -> None:
        self._shape, self._read = shape, read
        self._held = bytearray()  # what has come and cannot be edited yet
        self._failed = ""

    @property
    def failed(self) -> str:
        """Why something passed as it came, or has no summary."""
        return self._failed or self._read.failed


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
