"""What was served: a request's messages, the answer, and the commitment to the key that the answer was drawn with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.conversations import said
from stillwatch.prove.rows import SetAside, rows

Messages = tuple[tuple[str, str], ...]  # role and text of each
_WHAT = "stillwatch served text"  # what a leaf of the tree begins with: it must not pass for anything else


@dataclass(frozen=True, slots=True)
class Served:
    """One exchange as it was served."""

    id: str
    at: str  # as the log says it
    messages: Messages
    answer: str
    commitment: str  # to a key (docs/watermark.md); empty where the answer bears no mark

    def written(self) -> bytes:
        """As it is sealed: a JSON list without spaces."""
        return orjson.dumps([_WHAT, self.id, self.at, self.messages, self.answer, self.commitment])


def served(place: Path, aside: SetAside, marked: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Exchanges of a log that have an answer; others are passed over. `marked` tells commitments by exchange."""
    for row in rows(place, aside):
        one = _served(row, marked or {})
        if isinstance(one, str):
            aside[one] += 1
        elif one is not None:
            yield one


def marks(place: Path, aside: SetAside) -> dict[str, str]:
    """Which exchange was answered with a mark, by its commitment: from the guard's log of decisions."""
    return {
        str(row["exchange_id"]): str(row["watermark_commitment"])
        for row in rows(place, aside)
        if row.get("exchange_id") and row.get("watermark_commitment")
    }


def conversation(row: Mapping[str, Any]) -> Messages | str:
    """The messages of a row, from `messages` or from `system` and `prompt`; why there are none."""
    told = row.get("messages")
    if isinstance(told, str):
        try:
            told = orjson.loads(told)
        except orjson.JSONDecodeError:
            return "messages are not JSON"
    if told:
        if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
            return "messages are not a list of objects"
        return tuple((str(one.get("role") or "user"), said(one)) for one in told)
    prompt, system = row.get("prompt"), row.get("system")
    if not isinstance(prompt, str) or not prompt:
        return "neither a prompt nor messages"
    return ((("system", system),) if isinstance(system, str) and system else ()) + (("user", prompt),)


def _served(row: Mapping[str, Any], marked: Mapping[str, str]) -> Served | str | None:
    answer = row.get("answer") or row.get("response")
    if not answer:
        return None
    name = row.get("id") or row.get("exchange_id")
    if not isinstance(answer, str) or not name:
        return "the answer is not text" if name else "no exchange_id"
    messages = conversation(row)
    if isinstance(messages, str):
        return messages
    at = row.get("at") or row.get("timestamp") or ""
    one = Served(
        str(name), at.isoformat() if isinstance(at, datetime) else str(at), messages, answer,
        str(row.get("watermark_commitment") or row.get("commitment") or marked.get(str(name), "")),
    )  # fmt: skip
    try:
        one.written()
    except orjson.JSONEncodeError:
        return "half an emoji in a text"
    return one
