"""What a suspect or a control said: answers to a plan's questions, or texts with a prompt of their own that were found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillwatch.prove.plan import Question
from stillwatch.prove.rows import SetAside, rows
from stillwatch.prove.served import conversation
from stillwatch.safeguards.chain import seconds

UNKNOWN_QUESTION, NO_TEXT = "an answer to no question of the plan, and without a prompt", "an answer without text"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    question: Question
    text: str
    at: float | None  # when it was given, seconds since 1970; None where the file does not tell
    model: str = ""
    found: bool = False  # not an answer to the plan, but collected by somebody


def answers(place: Path, asked: Mapping[str, Question], aside: SetAside) -> Iterator[Answer]:
    """All answers of a file or folder; counts what is set aside."""
    for row in rows(place, aside):
        text, at, model = row.get("answer") or row.get("response"), _at(row.get("at")), str(row.get("model") or "")
        if not isinstance(text, str) or not text:
            aside[NO_TEXT] += 1
        elif row.get("id") in asked:
            yield Answer(asked[row["id"]], text, at, model)
        elif isinstance(messages := conversation(row), tuple):
            yield Answer(Question("", messages), text, at, model, found=True)
        else:
            aside[UNKNOWN_QUESTION] += 1


def _at(told: Any) -> float | None:
    if isinstance(told, datetime):
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    try:
        return float(told) if isinstance(told, int | float) else seconds(str(told))
    except ValueError:
        return None
