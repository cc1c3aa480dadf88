"""OpenAI's Responses. An item of reasoning stays, empty and with what is encrypted in it, which clients have to send back.

Other items keep their numbers that way. The summary that an engine makes itself is shown where reasoning is summarised or
reordered; ours stands in for it where there is none. Reordered, it stands where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillwatch.guard.members import Place
from stillwatch.guard.reasoning.edit import Edit
from stillwatch.guard.reasoning.opened import Opened, shown
from stillwatch.guard.reasoning.summary import Read
from stillwatch.readers.values import at, whole

_REASONING, _SUMMARY = "response.reasoning", "response.reasoning_summary"  # how the events' names begin
_TEXT = "response.reasoning_text"


class Responses:
    """Answers of items, each of which has a number, and which the end of a stream repeats."""

    def __init__(self, read: Read, shown: str) -> None:
        self._read, self._summarised, self._reordered = read, shown != "none", shown == "reordered"
        self._opened: dict[Any, Opened] = {}

    def event(self, document: Mapping[str, Any]) -> Edit:
        """Of an event: those of reasoning are dropped, and what repeats it is emptied."""
        kind = str(document.get("type"))
        part = at(document, "part")
        if self._reordered and (kind == f"{_TEXT}.done" or at(part, "type") == "reasoning_text"):
            return self._again(kind, document, part)
        if kind.startswith(_REASONING) or at(part, "type") == "reasoning_text":
            return Edit(dropped=not (self._summarised and kind.startswith(_SUMMARY)))
        edit = Edit()
        if kind.startswith("response.output_text."):
            self._text(kind, document, edit)
        elif isinstance(item := document.get("item"), dict):
            self._item(("item",), item, edit)
            if kind == "response.output_item.done" and ("item", "summary") in edit.changes:
                edit.before = _told(document, edit.changes["item", "summary"])
        elif isinstance(part, dict):
            self._part(("part",), part, edit)
        elif isinstance(response := document.get("response"), dict):
            self._output(("response",), response, edit)
        return edit

    def whole(self, document: Mapping[str, Any]) -> Edit:
        """Of an answer in one piece."""
        edit = Edit()
        self._output((), document, edit)
        return edit

    def _output(self, path: Place, response: Mapping[str, Any], edit: Edit) -> None:
        output = response.get("output")
        for place, item in enumerate(output if isinstance(output, list) else []):
            if isinstance(item, dict):
                self._item((*path, "output", place), item, edit)

    def _item(self, path: Place, item: Mapping[str, Any], edit: Edit) -> None:
        content = item.get("content")
        parts = content if isinstance(content, list) else []
        if item.get("type") != "reasoning":
            for place, part in enumerate(parts):
                self._part((*path, "content", place), part, edit)
            return
        if self._reordered:
            for place, part in enumerate(parts):
                self._told_again((*path, "content", place, "text"), at(part, "text"), edit)
            return
        for part in parts:
            self._read.add(path, str(at(part, "text") or ""))
        summary = self._read.summary(path)
        if parts:
            edit.changes[(*path, "content")] = []
        if item.get("summary") and self._summarised:
            return
        if summary or item.get("summary"):
            edit.changes[(*path, "summary")] = [{"type": "summary_text", "text": summary}] if summary else []

    def _again(self, kind: str, document: Mapping[str, Any], part: Any) -> Edit:
        """Of an event that repeats the reasoning which its pieces, dropped by then, have told."""
        edit = Edit()
        if kind == f"{_TEXT}.done":
            text = self._told_again(("text",), document.get("text"), edit)
            before = max((whole(document.get("sequence_number")) or 0) - 1, 0)  # a dropped one's
            given = {name: document[name] for name in document if name != "text"}
            told = {**given, "type": f"{_TEXT}.delta", "sequence_number": before, "delta": text}
            edit.before = [told] if text else []
        else:
            self._told_again(("part", "text"), at(part, "text"), edit)
        return edit

    def _told_again(self, path: Place, text: Any, edit: Edit) -> str:
        """One text of reasoning, in its place."""
        if not isinstance(text, str) or not text:
            return ""
        self._read.add(path, text)
        edit.changes[path] = self._read.summary(path)
        return str(edit.changes[path])

    def _part(self, path: Place, part: Any, edit: Edit) -> None:
        text = at(part, "text")
        if at(part, "type") == "output_text" and isinstance(text, str) and (rest := shown(text, self._read)) != text:
            edit.changes[(*path, "text")] = rest

    def _text(self, kind: str, document: Mapping[str, Any], edit: Edit) -> None:
        """A text that reasoning may stand in the beginning of."""
        of = document.get("output_index"), document.get("content_index")
        if kind == "response.output_text.delta" and isinstance(delta := document.get("delta"), str):
            opened = self._opened.setdefault(of, Opened(self._read))
            if (rest := opened.feed(delta)) != delta:
                edit.changes[("delta",)] = rest
                edit.dropped = not rest
        elif kind == "response.output_text.done" and isinstance(text := document.get("text"), str):
            ended = self._opened.pop(of, None)
            if ended is not None and (rest := ended.end()):
                given = {name: document[name] for name in document if name != "text"}
                edit.before = [{**given, "type": "response.output_text.delta", "delta": rest}]
            if (rest := shown(text, self._read)) != text:
                edit.changes[("text",)] = rest


def _told(document: Mapping[str, Any], summary: list[dict[str, str]]) -> list[Mapping[str, Any]]:
    """The events that tell of a summary, by the numbers of some that were dropped."""
    if not summary:
        return []
    part, number = summary[0], whole(document.get("sequence_number")) or 0
    empty = {**part, "text": ""}
    of = {"item_id": at(document, "item", "id"), "output_index": document.get("output_index"), "summary_index": 0}
    said: list[dict[str, Any]] = [
        {"type": f"{_SUMMARY}_part.added", "part": empty}, {"type": f"{_SUMMARY}_text.delta", "delta": part["text"]},
        {"type": f"{_SUMMARY}_text.done", "text": part["text"]}, {"type": f"{_SUMMARY}_part.done", "part": part},
    ]  # fmt: skip
    first = max(number - len(said), 0)
    return [{**one, **of, "sequence_number": first + place} for place, one in enumerate(said)]
