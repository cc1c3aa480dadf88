"""Whether a model uses what was chosen for a campaign: an exact test, valid whatever names the model likes.

What was random is the choice: each slot's alternative was drawn uniformly, independently of other slots, by a key that was
committed to before. A model that never saw the campaign's answers cannot depend on it. So its answers are held fixed and asked
how well every choice that might have been drawn fits them. An alternative scores by how far it stands out: the logarithm of how
much better its uses are told by a rate of its own than by one in common with a control model, or without one with the other
alternatives of its slot; but no more than -log of the share of alternatives that stand out as far. Scores are added up over
slots, and the chance of a sum as large is counted out over all choices there were to draw, in whole numbers: no distribution is
assumed, and a model's favourites, or a control that is none, cost power and never validity.

With few answers or slots p cannot become small: it is never below one over the number of choices.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from stillwatch.safeguards.canaries.choice import chosen
from stillwatch.safeguards.canaries.slots import Slot, Slots
from stillwatch.safeguards.holm import corrected

_STEPS = 64  # of a nat, in which scores are counted: coarser loses power, finer takes longer; exact either way

Answers = Mapping[str, Sequence[str]]  # to the prompts of each slot, by the slot's id


@dataclass(frozen=True)
class Heard:
    """What a model's answers to the prompts of one slot have."""

    slot: str
    chosen: str  # for the campaign
    answers: int
    with_chosen: int  # answers that it is in
    p: float  # share of alternatives that stand out as far, or farther
    most_used: str  # alternative that is in most answers; empty if none is in any
    with_most_used: int


@dataclass(frozen=True)
class Recalled:
    """How well a model's answers fit one campaign's choice."""

    p: float  # chance of as good a fit if the answers do not depend on the choice
    log_p: float  # its natural logarithm
    slots: tuple[Heard, ...]


@dataclass(frozen=True)
class Attributed:
    """One of several campaigns whose keys were tried."""

    name: str
    recalled: Recalled
    log_p: float  # corrected for all keys that were tried, by Holm's method


@dataclass(frozen=True)
class Counted:
    """What is left of answers: for each slot how many there are, and how many each alternative is in, in order."""

    answers: Mapping[str, int]
    uses: Mapping[str, Sequence[int]]


def counted(answers: Answers, slots: Slots) -> Counted:
    """Answers, counted. An alternative counts once an answer, as whole words and in its own letters."""
    return Counted(
        {one.id: len(answers.get(one.id, ())) for one in slots},
        {
            one.id: [sum(_says(answer, word) for answer in answers.get(one.id, ())) for word in one.alternatives]
            for one in slots
        },
    )


def led(prompt: str, slot: Slot) -> bool:
    """Whether a prompt names an alternative itself, so that its answers show nothing."""
    return any(one.casefold() in prompt.casefold() for one in slot.alternatives)


class Fit:
    """How well each choice fits one set of counts. The work is done once, however many keys are tried."""

    def __init__(self, found: Counted, slots: Slots, control: Counted | None = None) -> None:
        self._found, self._slots = found, slots
        far = {one.id: _far(one.id, found, control) for one in slots}
        self._ranks = {name: _ranks(own) for name, own in far.items()}
        self._scores = {name: [*map(_score, own, self._ranks[name])] for name, own in far.items()}
        ways = _ways(list(self._scores.values()))
        self._choices = math.prod(len(own) for own in far.values())
        best = max(ways)
        self._as_good = list(accumulate(ways[best - less] for less in range(best + 1)))  # by how much below the best

    def of(self, key: str) -> Recalled:
        """Of the choice that was made by this key."""
        choice, heard, total = chosen(key, self._slots), [], 0
        for slot in self._slots:
            uses = self._found.uses[slot.id]
            place = slot.alternatives.index(choice[slot.id])
            total += self._scores[slot.id][place]
            most = max(uses)
            heard.append(
                Heard(
                    slot.id, choice[slot.id], self._found.answers[slot.id], uses[place], self._ranks[slot.id][place],
                    slot.alternatives[uses.index(most)] if most else "", most,
                )
            )  # fmt: skip
        as_good = self._as_good[len(self._as_good) - 1 - total]
        p = min(math.nextafter(as_good / self._choices, 2.0), 1.0)  # rounded up: never smaller than it is
        return Recalled(p, min(math.log(as_good) - math.log(self._choices), 0.0), tuple(heard))


def recalled(answers: Answers, key: str, slots: Slots, control: Answers | None = None) -> Recalled:
    """Of one key that was fixed before anybody saw the answers.

    `control` are answers of a model that is like the suspect and cannot have seen the campaign's: the same prompts, as many.
    """
    return _fit(answers, slots, control).of(key)


def attributed(
    answers: Answers, keys: Mapping[str, str], slots: Slots, control: Answers | None = None
) -> list[Attributed]:
    """All of several keys, by name, the best fit first, each corrected for having tried all.

    Holm's method: the chance that any key is named wrongly at a level is no larger than it, also where several are right.
    """
    fit = _fit(answers, slots, control)
    tried = sorted(((name, fit.of(key)) for name, key in keys.items()), key=lambda one: one[1].log_p)
    held = corrected([one.log_p for _, one in tried])
    return [Attributed(name, one, log_p) for (name, one), log_p in zip(tried, held, strict=True)]


def _fit(answers: Answers, slots: Slots, control: Answers | None) -> Fit:
    return Fit(counted(answers, slots), slots, None if control is None else counted(control, slots))


@lru_cache(maxsize=1024)  # as many as there are alternatives, and more
def _words(alternative: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(alternative)}(?!\w)")


def _says(answer: str, alternative: str) -> bool:
    return alternative in answer and _words(alternative).search(answer) is not None


def _far(slot: str, found: Counted, control: Counted | None) -> list[float]:
    """How far each alternative of a slot stands out, in nats."""
    uses, answers = found.uses[slot], found.answers[slot]
    if control is None or not control.answers[slot]:
        total, others = sum(uses), len(uses) - 1
        return [_apart(own, answers, total - own, answers * others) for own in uses]
    return [
        _apart(own, answers, usual, control.answers[slot]) for own, usual in zip(uses, control.uses[slot], strict=True)
    ]


def _apart(own: int, answers: int, usual: int, of: int) -> float:
    """By what logarithm two rates tell these counts better than one in common; nothing where the first is not the larger."""
    if own * of <= usual * answers:
        return 0.0
    apart = _told(own, answers) + _told(usual, of) - _told(own + usual, answers + of)
    return max(apart, 0.0)  # below only by rounding


def _told(uses: int, answers: int) -> float:
    """The logarithm of the chance of so many uses, at the rate that makes it largest."""
    rest = answers - uses
    return sum(count * math.log(count / answers) for count in (uses, rest) if count)


def _ranks(far: Sequence[float]) -> list[float]:
    """Of each alternative: which share of them stands out as far, or farther."""
    times = Counter(far)
    return [sum(count for other, count in times.items() if other >= own) / len(far) for own in far]


def _score(far: float, rank: float) -> int:
    return int(_STEPS * min(far, -math.log(rank)))


def _ways(scores: Sequence[Sequence[int]]) -> Mapping[int, int]:
    """Of each sum: how many of all choices, one score from each list, give it."""
    ways: Mapping[int, int] = {0: 1}
    for own in scores:
        levels, longer = Counter(own), defaultdict[int, int](int)
        for so_far, count in ways.items():
            for level, times in levels.items():
                longer[so_far + level] += count * times
        ways = longer
    return defaultdict(int, ways)
