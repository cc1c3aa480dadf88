"""Answers that reason, for tests of what is shown of it: events of each interface."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from streams_here import event

from stillwatch.guard.reasoning.shown import editor
from stillwatch.guard.reasoning.summary import Summariser

SECRET = "because of the marmalade"  # what no client is to see
SIGNED = "c2lnbmVk"


def said(text: str) -> str:
    """A summary by which tests see what was summarised."""
    return f"<{len(text)}>"


def shown(
    body: bytes, mode: str, endpoint: str, cuts: list[int] | None = None, streamed: bool = True, by: Summariser = said
) -> tuple[bytes, str]:
    """What of an answer cut at these places goes on, and why some of it was not edited."""
    edits = editor(mode, endpoint, streamed, by)
    assert edits is not None
    places = [0, *sorted(cuts or []), len(body)]
    passed = b"".join(edits.feed(body[start:end]) for start, end in pairwise(places)) + edits.rest()
    return passed, edits.failed


def chunk(delta: dict[str, Any], index: int = 0, ends: str | None = None, **more: Any) -> dict[str, Any]:
    """One of OpenAI's chat."""
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": ends}
    return {"id": "c", "object": "chat.completion.chunk", "choices": [choice], **more}


def block(index: int, kind: str, text: str = "") -> dict[str, Any]:
    """A piece of one of Anthropic's blocks."""
    name = "partial_json" if kind == "input_json" else kind
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", name: text}}


def begun(index: int, **content: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": content}


def ended(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def item(kind: str, number: int, **more: Any) -> dict[str, Any]:
    """An event of Responses about the item of reasoning, the first of the answer."""
    return {"type": f"response.{kind}", "sequence_number": number, "output_index": 0, "item_id": "r", **more}


def reasoned(summary: list[str], content: list[str], **more: Any) -> dict[str, Any]:
    """That item."""
    summaries = [{"type": "summary_text", "text": one} for one in summary]
    texts = [{"type": "reasoning_text", "text": one} for one in content]
    return {"type": "reasoning", "id": "r", "summary": summaries, "content": texts, **more}


def spoken(text: str) -> dict[str, Any]:
    """An item that is the answer."""
    return {"type": "message", "id": "a", "content": [{"type": "output_text", "text": text, "annotations": []}]}


def stream(*documents: dict[str, Any] | bytes, named: bool = False, end: bytes = b"\n") -> bytes:
    """Events, each by its type where they are `named`; bytes stand for themselves."""
    return b"".join(
        one if isinstance(one, bytes) else event(one, one["type"] if named else "", end) for one in documents
    )
