"""How many tokens an answer took and how it ended, as it says itself: from JSON, or from a stream while it passes.

Understands OpenAI's chat, completions, Responses and embeddings and Anthropic's messages (packages openai 3.57, anthropic
2.14). A stream is searched as bytes, and only the few lines that tell of usage or of an end are parsed. Of one that breaks
off before it has told, the tokens are estimated: at least one for each piece in which text came.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

import orjson

from stillwatch.guard.requests import BYTES_A_TOKEN
from stillwatch.readers.values import at, whole, word

LONGEST_LINE = 4 << 20  # bytes; response.completed repeats instructions and answer. Of a longer line nothing is taken

_NAMES = {  # of pieces of an answer's text, by endpoint; Responses repeat the whole under others
    "chat": rb"content|reasoning_content|reasoning|refusal|arguments",
    "completions": rb"text",
    "responses": rb"delta",
    "messages": rb"text|thinking|partial_json",
}
_TELLING = (
    rb'(?:usage"\s*:\s*\{|finish_reason"\s*:\s*"|stop_reason"\s*:\s*"|error"\s*:\s*["{]'
    rb'|type"\s*:\s*"(?:error|response\.(?:completed|incomplete|failed))")'
)
_FOUND = {
    endpoint: re.compile(rb'"(?:(?:%b)"\s*:\s*"([^"\\\n]*+(?:\\.[^"\\\n]*+)*+)|(%b))' % (names, _TELLING))
    for endpoint, names in _NAMES.items()
}
_WHOLE = {**_FOUND, "responses": _FOUND["completions"]}  # of answers in one piece
_ENDS = {"response.completed": "completed", "response.incomplete": "incomplete", "response.failed": "error"}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer and how it ended."""

    input: int = 0  # with those that were cached; 0 when the answer does not say
    output: int = 0  # with those of reasoning
    reasoning: int = 0
    cached: int = 0  # of the input, read from a cache
    finish_reason: str = ""  # as the interface calls it; `error` when the answer ended with one
    error: str = ""  # kind of that error
    complete: bool = False  # the answer told all of it; if not, `output` is an estimate


class Counted:
    """Counts a stream that passes, in whatever pieces it comes.

    With `hide` the chunk that an OpenAI stream ends with when asked for its usage is taken out again, to the byte.
    """

    def __init__(self, endpoint: str, hide: bool = False) -> None:
        self._found = _FOUND.get(endpoint, _FOUND["chat"])
        self._hide = hide
        self._held = bytearray()  # a line that has not ended yet
        self._passing = False  # in a line that is too long to be held
        self._taken_out = False  # the line before; the empty one that ends its event goes with it
        self._text = 0  # bytes of text since tokens were last told
        self._pieces = 0  # in which it came: engines send a token in each, or several
        self._told = Usage()

    def feed(self, piece: bytes) -> bytes:
        """Take a piece, and give what goes on to the client: all of it, but with `hide` whole lines only."""
        if self._passing:
            first = piece.find(b"\n") + 1
            if not first:
                return piece
            self._passing = False
            return piece[:first] + self.feed(piece[first:])
        end = piece.rfind(b"\n") + 1
        if not end:
            return self._hold(piece)
        lines = bytes(self._held) + piece[:end] if self._held else piece[:end]
        self._held.clear()
        passed = self._lines(lines)
        if end < len(piece):
            passed += self._hold(piece[end:])
        return passed if self._hide else piece

    def rest(self) -> bytes:
        """At the end of the stream: what is still to go on."""
        held = bytes(self._held)
        self._held.clear()
        passed = self._lines(held)
        return passed if self._hide else b""

    def total(self) -> Usage:
        """What the lines so far have told."""
        told = self._told
        untold = max(self._text // BYTES_A_TOKEN, self._pieces)
        return told if told.complete else replace(told, output=told.output + untold)

    def _hold(self, piece: bytes) -> bytes:
        self._held += piece
        if len(self._held) <= LONGEST_LINE:
            return b"" if self._hide else piece
        passed = bytes(self._held) if self._hide else piece
        self._held.clear()
        self._passing = True
        return passed

    def _lines(self, lines: bytes) -> bytes:
        if not self._taken_out and len(lines) <= LONGEST_LINE:
            size = pieces = 0
            for text, telling in self._found.findall(lines):
                if telling:
                    break
                size += len(text)
                pieces += text != b""
            else:
                self._text += size
                self._pieces += pieces
                return lines
        return b"".join(line for line in lines.splitlines(keepends=True) if not self._takes_out(line))

    def _takes_out(self, line: bytes) -> bool:
        """Read one line; whether the client is not to see it."""
        ends_it, self._taken_out = self._taken_out and not line.strip(), False
        if ends_it or len(line) > LONGEST_LINE:
            return ends_it
        found = self._found.findall(line)
        self._text += sum(len(text) for text, _ in found)
        self._pieces += sum(text != b"" for text, _ in found)
        if line.startswith(b"data:") and any(telling for _, telling in found):
            document = _parsed(line[len(b"data:") :])
            self._take(document)
            self._taken_out = self._hide and _only_usage(document)
        return self._taken_out

    def _take(self, document: Any) -> None:
        told = _told(document)
        if told.input or told.output:
            self._text = self._pieces = 0
        before = self._told
        self._told = Usage(
            max(before.input, told.input), max(before.output, told.output), max(before.reasoning, told.reasoning),
            max(before.cached, told.cached), told.finish_reason or before.finish_reason, told.error or before.error,
            before.complete or told.complete,
        )  # fmt: skip


def used(body: bytes, endpoint: str) -> Usage:
    """The same of an answer in one piece."""
    if endpoint == "embeddings":  # megabytes of numbers, and the usage after them
        named = body.rfind(b'"usage"')
        start = body.find(b"{", named) if named >= 0 else -1
        told = _told({"usage": _begun(body[start:])} if start >= 0 else None)
        return replace(told, complete=told.input > 0)
    document = _parsed(body)
    told = _told(document)
    if told.input or told.output:
        return replace(told, complete=True)
    found = _WHOLE.get(endpoint, _WHOLE["chat"]).findall(body)
    return replace(told, output=sum(len(text) for text, _ in found) // BYTES_A_TOKEN)


def _told(document: Any) -> Usage:
    """What one document says: an answer, or one event of a stream. Complete if it tells of usage and of the end."""
    usage = next(
        (one for place in ((), ("response",), ("message",)) if isinstance(one := at(document, *place, "usage"), dict)),
        {},
    )
    reason, error = _ended(document)
    details = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    inputs = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    written, read = (whole(usage.get(f"cache_{name}_input_tokens")) or 0 for name in ("creation", "read"))  # Anthropic
    return Usage(
        input=(whole(usage.get("prompt_tokens"), usage.get("input_tokens")) or 0) + written + read,
        output=whole(usage.get("completion_tokens"), usage.get("output_tokens")) or 0,
        reasoning=whole(at(details, "reasoning_tokens"), at(details, "thinking_tokens")) or 0,
        cached=whole(at(inputs, "cached_tokens")) or read,
        finish_reason=reason,
        error=error,
        complete=bool(usage) and (bool(reason) or _only_usage(document)),
    )


def _ended(document: Any) -> tuple[str, str]:
    """Why the answer ended, and the kind of the error if it was one; empty while it goes on."""
    kind, inside = word(at(document, "type")) or "", at(document, "response")
    problem = at(document, "error") or at(inside, "error")
    if problem or kind == "error":
        said = word(at(problem, "type"), at(problem, "code"), at(document, "code"), problem)
        return "error", said or "error"
    if kind in _ENDS:
        return word(at(inside, "incomplete_details", "reason")) or _ENDS[kind], ""
    choices = at(document, "choices")
    reasons = [at(one, "finish_reason") for one in choices] if isinstance(choices, list) else []
    stopped = at(document, "stop_reason"), at(document, "delta", "stop_reason")
    status = at(document, "status") if at(document, "object") == "response" else None
    return word(*reasons, *stopped, at(document, "incomplete_details", "reason"), status) or "", ""


def _only_usage(document: Any) -> bool:
    return at(document, "choices") == [] and isinstance(at(document, "usage"), dict)


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _begun(text: bytes) -> Any:
    """The value that a text begins with."""
    try:
        return json.JSONDecoder().raw_decode(text.decode())[0]
    except (ValueError, RecursionError):
        return None
