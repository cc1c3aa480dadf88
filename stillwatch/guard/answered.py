"""What was answered with a mark or a canary, kept so that it can be sealed and proved by later (docs/prove.md).

Bytes are collected while they pass, and read where they are written, not on the way. Kept is what the model said to the client:
its text, without reasoning and calls of tools, each of several answers in a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from stillwatch.conversations import said
from stillwatch.readers.values import at, word
from stillwatch.safeguards.chain import instant

MOST = 4 << 20  # bytes of an answer that are kept: of a stream, where framing outweighs text, some 20,000 tokens


@dataclass(slots=True)
class Answered:
    """One answer while it passes."""

    streamed: bool
    _raw: bytearray = field(default_factory=bytearray)

    def feed(self, piece: bytes) -> None:
        """A piece as the model sent it."""
        self._raw += piece[: MOST - len(self._raw)]

    @property
    def cut(self) -> bool:
        """Whether it was as long as is kept, or longer; what there is of it counts."""
        return len(self._raw) == MOST

    @property
    def raw(self) -> bytes:
        """All of it."""
        return bytes(self._raw)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is through, and what it was answered to."""

    exchange: str
    at: float  # when it was asked for, seconds since 1970
    endpoint: str
    body: Mapping[str, Any]  # of the request, as the client sent it
    raw: bytes
    streamed: bool
    mark: str  # commitments, each empty where there is none
    canary: str


def kept_line(one: Kept) -> bytes:
    """Rows as `stillwatch prove seal` reads them; none where there is no text."""
    answers = texts(one.raw, one.endpoint, one.streamed)
    row = {
        "at": instant(one.at), "messages": conversation(one.body), "watermark_commitment": one.mark,
        "canary_commitment": one.canary,
    }  # fmt: skip
    return b"\n".join(
        orjson.dumps({"id": one.exchange + (f"/{place}" if place else ""), "answer": text, **row})
        for place, text in sorted(answers.items())
        if text
    )


def texts(raw: bytes, endpoint: str, streamed: bool) -> dict[int, str]:
    """The text of each answer, by its number."""
    pieces: dict[int, list[str]] = {}
    for document in _events(raw) if streamed else _whole(raw):
        for place, text in _said(document, endpoint, streamed):
            pieces.setdefault(place, []).append(text)
    return {place: _storable("".join(own)) for place, own in pieces.items()}


def conversation(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages of a request, whatever its interface calls them."""
    system = [{"role": "system", "content": one} for name in ("system", "instructions") if (one := body.get(name))]
    asked: Any = next((one for name in ("messages", "input", "prompt") if (one := body.get(name))), [])
    if not isinstance(asked, list):
        asked = [asked]
    turns = (one if isinstance(one, dict) else {"role": "user", "content": one} for one in asked)
    return [{"role": word(one.get("role")) or "user", "content": said(one)} for one in (*system, *turns)]


def _said(document: Any, endpoint: str, streamed: bool) -> Iterator[tuple[int, str]]:
    """Pieces of text in one document."""
    if endpoint in ("chat", "completions"):
        way: tuple[str, ...] = (
            ("text",) if endpoint == "completions" else ("delta" if streamed else "message", "content")
        )
        choices = at(document, "choices")
        for one in choices if isinstance(choices, list) else ():
            place = at(one, "index")
            yield place if type(place) is int else 0, _content(at(one, *way))
    elif streamed:
        kind = at(document, "type")
        if kind == "response.output_text.delta":
            yield 0, _content(at(document, "delta"))
        elif kind == "content_block_delta" and at(document, "delta", "type") == "text_delta":
            yield 0, _content(at(document, "delta", "text"))
    else:
        blocks = at(document, "content") if endpoint == "messages" else at(document, "output")
        for one in blocks if isinstance(blocks, list) else ():
            if at(one, "type") in ("text", "message"):
                yield 0, _content(at(one, "content") or at(one, "text"))


def _content(content: Any) -> str:
    """Text: a string, or the text parts of a list."""
    if isinstance(content, list):
        return "\n".join(text for one in content if isinstance(text := at(one, "text"), str))
    return content if isinstance(content, str) else ""


def _events(raw: bytes) -> Iterator[Any]:
    for line in raw.splitlines():
        if line.startswith(b"data:"):
            yield from _whole(line[len(b"data:") :])


def _whole(raw: bytes) -> Iterator[Any]:
    try:
        yield orjson.loads(raw)
    except orjson.JSONDecodeError:
        return  # [DONE], or an event that the end of what is kept cut off


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
