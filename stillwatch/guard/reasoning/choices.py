"""OpenAI's chat and completions: `reasoning_content` (DeepSeek, engines), `reasoning` (vLLM, OpenRouter), and what they are of.

In an answer in one piece a member stays and is empty, because clients are told to send it back as it came; so do the
signatures and encrypted parts of `reasoning_details` (OpenRouter) and `thinking_blocks` (LiteLLM). Probabilities beside
reasoning are those of its own tokens, and go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillwatch.guard.members import GONE, Place
from stillwatch.guard.reasoning.edit import Edit
from stillwatch.guard.reasoning.opened import Opened, shown
from stillwatch.guard.reasoning.summary import Read
from stillwatch.readers.values import at, whole

_TEXTS = ("reasoning_content", "reasoning")
_DETAILS = ("reasoning_details", "thinking_blocks")
_SHOWS = ("text", "summary", "thinking")  # members of a detail that can be read
_AGAIN = "provider_specific_fields"  # in which LiteLLM says the same once more
_SENT_BACK = ("signature", "data")  # and those that only who made them can
_SAID = (*_TEXTS, *_DETAILS)
_NOTHING: tuple[Any, ...] = (None, "", [], {})


class Choices:
    """Answers of which each choice has a number; `inside` is where an event has its text, empty for completions."""

    def __init__(self, read: Read, chat: bool) -> None:
        self._read = read
        self._text = "content" if chat else "text"
        self._event: tuple[str, ...] = ("delta",) if chat else ()
        self._answer: tuple[str, ...] = ("message",) if chat else ()
        self._opened: dict[int, Opened] = {}
        self._names: dict[int, str] = {}  # of the member in which a choice's reasoning came
        self._begun: set[int] = set()  # choices whose role has been said

    def event(self, document: Mapping[str, Any]) -> Edit:
        """Of an event, which is dropped where reasoning was all that it said."""
        edit = Edit()
        says = isinstance(document.get("usage"), dict) or "error" in document
        for place, choice in enumerate(_list(document.get("choices"))):
            says |= self._of_choice(("choices", place), choice, document, edit)
        edit.dropped = bool(edit.changes) and not says
        return edit

    def whole(self, document: Mapping[str, Any]) -> Edit:
        """Of an answer in one piece."""
        edit = Edit()
        for place, choice in enumerate(_list(document.get("choices"))):
            holder = at(choice, *self._answer)
            if isinstance(holder, dict):
                self._of_message(("choices", place), choice, holder, edit.changes)
        return edit

    def _of_choice(self, path: Place, choice: Any, document: Mapping[str, Any], edit: Edit) -> bool:
        """Whether the choice says something beside its reasoning."""
        delta = at(choice, *self._event)
        if not isinstance(delta, dict):
            return True
        index = whole(choice.get("index")) or 0
        changes: dict[Place, Any] = {}
        inside = (*path, *self._event)
        kept = self._taken_out(inside, index, delta, changes)
        ends = choice.get("finish_reason") is not None
        content = delta.get(self._text)
        text = self._shown(index, content if isinstance(content, str) else "", ends)
        if text != (content or "") and not isinstance(content, list):
            changes[(*inside, self._text)] = text
        answers = ends or bool(text) or isinstance(content, list) or (bool(self._event) and _answers(delta))
        if answers and (summary := self._read.summary(index)):
            told = {"index": index, "delta": {self._names.get(index, _TEXTS[-1]): summary}, "finish_reason": None}
            edit.before.append({**document, "choices": [told], **({"usage": None} if "usage" in document else {})})
        if changes and choice.get("logprobs") is not None:
            changes[(*path, "logprobs")] = None
        edit.changes.update(changes)
        begins = delta.get("role") is not None and index not in self._begun
        if begins:
            self._begun.add(index)
        return answers or kept or begins

    def _shown(self, index: int, text: str, ends: bool) -> str:
        opened = self._opened.get(index)
        if opened is None:
            opened = self._opened[index] = Opened(self._read)
        return opened.feed(text) + (opened.end() if ends else "")

    def _taken_out(self, inside: Place, index: int, delta: Mapping[str, Any], changes: dict[Place, Any]) -> bool:
        """Take the reasoning out of an event; whether of its details something stays, to be sent back."""
        if not self._event:
            return False
        said = [name for name in _TEXTS if delta.get(name) not in _NOTHING]
        changes.update({(*inside, name): GONE for name in said})
        text = next((delta[name] for name in said if isinstance(delta[name], str)), "")
        if said:
            self._names[index] = said[0]
        self._read.add(index, text or _detailed(delta))
        changes.update(_again(inside, delta))
        kept = False
        for name in _DETAILS:
            details = _list(delta.get(name))
            if any(at(one, sent) for one in details for sent in _SENT_BACK):
                changes.update(_emptied((*inside, name), details))
                kept = True
            elif details:
                changes[(*inside, name)] = GONE
        return kept

    def _of_message(self, path: Place, choice: Any, message: Mapping[str, Any], changes: dict[Place, Any]) -> None:
        before, inside = len(changes), (*path, *self._answer)
        if self._answer:
            said = [name for name in _TEXTS if message.get(name) not in _NOTHING]
            text = next((message[name] for name in said if isinstance(message[name], str)), "")
            self._read.add(path, text or _detailed(message))
            summary = self._read.summary(path)
            changes.update({(*inside, name): summary for name in said or (_TEXTS[-1:] if summary else ())})
            changes.update(_again(inside, message))
            for name in _DETAILS:
                changes.update(_emptied((*inside, name), _list(message.get(name))))
        content = message.get(self._text)
        if isinstance(content, str) and (text := shown(content, self._read)) != content:
            changes[(*inside, self._text)] = text
        if len(changes) > before and choice.get("logprobs") is not None:
            changes[(*path, "logprobs")] = None


def _answers(delta: Mapping[str, Any]) -> bool:
    """Whether there is something in it beside reasoning, text and role, such as a call of a tool."""
    again = delta.get(_AGAIN)
    if isinstance(again, dict) and any(value not in _NOTHING for name, value in again.items() if name not in _SAID):
        return True
    known = (*_SAID, _AGAIN, "content", "role")
    return any(value not in _NOTHING for name, value in delta.items() if name not in known)


def _again(inside: Place, holder: Mapping[str, Any]) -> dict[Place, Any]:
    again = holder.get(_AGAIN)
    there = again if isinstance(again, dict) else {}
    return {(*inside, _AGAIN, name): GONE for name in _SAID if there.get(name) not in _NOTHING}


def _detailed(holder: Mapping[str, Any]) -> str:
    """The reasoning, where it stands in details alone."""
    details = next((found for name in _DETAILS if (found := _list(holder.get(name)))), [])
    return "".join(text for one in details for name in _SHOWS if isinstance(text := at(one, name), str))


def _emptied(path: Place, details: list[Any]) -> dict[Place, Any]:
    return {(*path, place, name): "" for place, one in enumerate(details) for name in _SHOWS if at(one, name)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
