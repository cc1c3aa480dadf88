"""A model's answers to the prompts of canaries, read from JSON lines {slot, answer} and, if it is there, {prompt}."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.canaries.recall import Answers, led
from stillwatch.safeguards.canaries.slots import Slots

_FORM = "JSON lines with `slot` and `answer`"


@dataclass(frozen=True)
class Answered:
    """What can be tested, and what was left out."""

    answers: Answers
    led: int  # answers to prompts that name an alternative


def heard(path: Path, slots: Slots) -> Answered:
    """All answers of a file. A line that is none is an error: what is left out could be chosen."""
    known = {one.id: one for one in slots}
    answers: dict[str, list[str]] = {}
    leading = 0
    try:
        lines = path.read_bytes().splitlines()
    except OSError as problem:
        raise BadConfiguration(f"answers not readable: {problem.strerror}", str(path), _FORM) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}: line {number}"
        try:
            row = orjson.loads(line)
            slot, answer, prompt = row["slot"], row["answer"], row.get("prompt") or ""
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadConfiguration("no answer in it", where, _FORM, "stillwatch canary prompts") from None
        if slot not in known or not isinstance(answer, str) or not isinstance(prompt, str):
            raise BadConfiguration(f"slot {slot!r}, or no text", where, ", ".join(known), "stillwatch canary prompts")
        if led(prompt, known[slot]):
            leading += 1
        else:
            answers.setdefault(slot, []).append(answer)
    if not answers:
        raise BadConfiguration("no answers", str(path), _FORM, "stillwatch canary prompts")
    return Answered(answers, leading)
