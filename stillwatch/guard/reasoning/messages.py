"""Anthropic's messages. A thinking block stays, with its signature and without its text, as `display: omitted` has it.

The signature belongs to the full thinking, which whoever made it reads out of it when the block is sent back; so it stays
beside a summary too, as Anthropic itself keeps it beside summarised thinking. Redacted thinking can be read by nobody
else, and stays as it is: without it a conversation with tools could not go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillwatch.guard.reasoning.edit import Edit
from stillwatch.guard.reasoning.opened import Opened, shown
from stillwatch.guard.reasoning.summary import Read
from stillwatch.readers.values import at

_EVENT = "content_block_delta"


class Messages:
    """Answers of blocks, each of which has a number."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._opened: dict[Any, Opened] = {}  # blocks of text, until they end

    def event(self, document: Mapping[str, Any]) -> Edit:
        """Of an event: pieces of thinking are dropped, and their summary goes before the signature."""
        index = document.get("index")
        match document.get("type"):
            case "content_block_start":
                return self._begins(index, document)
            case "content_block_delta":
                return self._delta(index, document)
            case "content_block_stop":
                opened = self._opened.pop(index, None)
                text = opened.end() if opened is not None else ""
                return Edit(before=[*self._summary(index), *([_delta(index, "text", text)] if text else [])])
        return Edit()

    def whole(self, document: Mapping[str, Any]) -> Edit:
        """Of an answer in one piece."""
        edit = Edit()
        content = document.get("content")
        for place, block in enumerate(content if isinstance(content, list) else []):
            thinking, text = at(block, "thinking"), at(block, "text")
            if at(block, "type") == "thinking" and isinstance(thinking, str) and thinking:
                self._read.add(place, thinking)
                edit.changes["content", place, "thinking"] = self._read.summary(place)
            elif at(block, "type") == "text" and isinstance(text, str) and (rest := shown(text, self._read)) != text:
                edit.changes["content", place, "text"] = rest
        return edit

    def _begins(self, index: Any, document: Mapping[str, Any]) -> Edit:
        block = document.get("content_block")
        thinking = at(block, "thinking")
        if at(block, "type") == "text":
            self._opened[index] = Opened(self._read)
            return self._text(index, at(block, "text"), ("content_block", "text"))
        if at(block, "type") != "thinking" or not isinstance(thinking, str) or not thinking:
            return Edit()
        self._read.add(index, thinking)
        return Edit({("content_block", "thinking"): ""})

    def _delta(self, index: Any, document: Mapping[str, Any]) -> Edit:
        delta = document.get("delta")
        match at(delta, "type"):
            case "thinking_delta":
                self._read.add(index, str(at(delta, "thinking") or ""))
                return Edit(dropped=True)
            case "signature_delta":
                return Edit(before=self._summary(index))
            case "text_delta":
                edit = self._text(index, at(delta, "text"), ("delta", "text"))
                edit.dropped = bool(edit.changes) and not edit.changes["delta", "text"]
                return edit
        return Edit()

    def _text(self, index: Any, text: Any, path: tuple[str, str]) -> Edit:
        opened = self._opened.get(index)
        if opened is None or not isinstance(text, str) or (rest := opened.feed(text)) == text:
            return Edit()
        return Edit({path: rest})

    def _summary(self, index: Any) -> list[Mapping[str, Any]]:
        summary = self._read.summary(index)
        return [_delta(index, "thinking", summary)] if summary else []


def _delta(index: Any, kind: str, text: str) -> Mapping[str, Any]:
    return {"type": _EVENT, "index": index, "delta": {"type": f"{kind}_delta", kind: text}}
