"""Where a note for the model goes in a request: behind the system prompt that it has, or as one where it has none.

No byte of the request is changed for it beyond that: texts and arrays become longer where they stand (guard/members.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from stillwatch.guard.members import First, Last, Longer, Place
from stillwatch.guard.requests import Asked
from stillwatch.readers.values import at

TAKES_NOTE = frozenset(
    ("chat", "responses", "messages")
)  # endpoints; completions go on a text, and have no system prompt
_SYSTEM = ("system", "developer")  # roles of chat
_USER = "user"
_MOST_LOOKED_AT = 64  # messages before the first of a user: instructions and examples, not a conversation

_FRAME = 64  # bytes of JSON around a message of its own, and more than the tokens that a template puts around one


@dataclass(frozen=True, slots=True)
class Canary:
    """What a request carries. Never what was chosen: that stands in the note alone."""

    commitment: str  # to the key
    slots: tuple[str, ...]  # ids
    bytes: int  # of the note; its tokens are the provider's to pay
    changes: Mapping[Place, Any]  # of the body

    @property
    def most_tokens(self) -> int:
        """More than the model can count of it."""
        return self.bytes + _FRAME


def noted(asked: Asked, note: str) -> Mapping[Place, Any] | None:
    """Changes of a body that add a note, none where it has it already; None where there is no place for one."""
    body: dict[str, Any] = asked.body or {}
    if asked.endpoint == "chat":
        return _in_chat(body.get("messages"), note)
    if asked.endpoint == "responses":
        if body.get("prompt") is not None:  # a stored one, whose instructions ours would stand in for
            return None
        return _behind(body.get("instructions"), ("instructions",), note, "")
    if asked.endpoint == "messages":
        return _behind(body.get("system"), ("system",), note, "text")
    return None


def begins(asked: Asked) -> str:
    """The first message of a user, by which a conversation is told from others in each of its turns; empty if there is none."""
    body: dict[str, Any] = asked.body or {}
    said = body.get("input") if asked.endpoint == "responses" else body.get("messages")
    if isinstance(said, str):
        return said
    if not isinstance(said, list):
        return ""
    first = next((one for one in islice(said, _MOST_LOOKED_AT) if at(one, "role") == _USER), None)
    content = at(first, "content")
    if isinstance(content, list):
        return "\n".join(text for one in content if isinstance(text := at(one, "text"), str))
    return content if isinstance(content, str) else ""


def _in_chat(messages: Any, note: str) -> Mapping[Place, Any] | None:
    if not isinstance(messages, list) or not messages:
        return None
    for place, one in enumerate(islice(messages, _MOST_LOOKED_AT)):
        if at(one, "role") in _SYSTEM:
            content = one.get("content")
            return None if content is None else _behind(content, ("messages", place, "content"), note, "text")
    return {("messages",): First({"role": "system", "content": note})}


def _behind(system: Any, path: Place, note: str, kind: str) -> Mapping[Place, Any] | None:
    """Changes that add a note to a system prompt; `kind` is the type of its parts, where it may have parts."""
    if system is None:
        return {path: note}
    if isinstance(system, str):
        return {} if note in system else {path: Longer(f"\n\n{note}" if system else note)}
    if isinstance(system, list) and kind:
        there = any(at(one, "text") == note for one in system)
        return {} if there else {path: Last({"type": kind, "text": note})}
    return None
