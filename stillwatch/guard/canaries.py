"""Which canaries a request carries to the model: those of its campaign that it suggests, by a key that was committed to before.

Whatever fails here lets the request go on without, and is counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.guard.guard import Guard
from stillwatch.guard.marks import Marks
from stillwatch.guard.noted import TAKES_NOTE, Canary, begins, noted
from stillwatch.guard.requests import Asked
from stillwatch.safeguards.canaries.choice import chosen
from stillwatch.safeguards.canaries.note import note, suggested
from stillwatch.safeguards.canaries.slots import Slot, Slots

_MOST_CHOICES = 1_024  # of campaigns and epochs that are kept worked out


class Canaries:
    """Asked on the guard's thread; keys are made ready on another (guard/marks.py)."""

    def __init__(self, guard: Guard, marks: Marks, slots: Slots) -> None:
        self.marks = marks
        self._guard, self._slots = guard, slots
        self._choices: dict[str, Mapping[str, str]] = {}

    def of(self, campaign: str, asked: Asked, at: float) -> Canary | None:
        """What a request of an account of this campaign carries; nothing of one in no campaign."""
        if not campaign:
            return None
        try:
            return self._of(campaign, asked, at)
        except Exception as problem:
            self._guard.counts[f"canary: failed: {type(problem).__name__}"] += 1
            return None

    def _of(self, campaign: str, asked: Asked, at: float) -> Canary | None:
        told: tuple[Slot, ...] = ()
        if asked.endpoint in TAKES_NOTE:
            if asked.facts["request.tools"]:  # an answer that acts: a made-up name may become somebody's account
                self._without("tools are offered")
                return None
            told = suggested(begins(asked), self._slots)
            if not told:
                self._without("nothing is made up")
                return None
        key = self.marks.of(campaign, asked.endpoint, at)
        if key is None:
            return None
        text = note(told, self._choice(key.key))
        changes = noted(asked, text)
        if changes is None:
            self._without("no place for it")
            return None
        return Canary(key.commitment, tuple(one.id for one in told), len(text.encode()), changes)

    def _choice(self, key: str) -> Mapping[str, str]:
        if key not in self._choices:
            if len(self._choices) >= _MOST_CHOICES:
                self._choices.clear()
            self._choices[key] = chosen(key, self._slots)
        return self._choices[key]

    def _without(self, why: str) -> None:
        self._guard.counts[f"canary: {why}"] += 1
