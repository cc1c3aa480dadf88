"""Problems told and solved in words: which of several that mean the same is drawn anew each time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from stillwatch.laboratory.language.problems import Change, Problem, Step, solved, steps
from stillwatch.laboratory.language.words import ANSWER, AUTHORS, DIGITS, GROUPS

SELF_TALK = 0.3  # of steps are followed by some: reasoning has it, and a safeguard takes it out
SAYING = 0.4  # of solutions name somebody who would say so
ASIDE = 0.4  # of steps say that they are plain
WHEN = ("first", "second", "third")  # groups of words, so that each step says which change it is of
_WEIGHTS = {
    name: tuple(accumulate(1 / (rank + 1) ** 0.5 for rank in range(len(group)))) for name, group in GROUPS.items()
}
# Some words are commoner than others of their group, as in any language: 1.7 to 2.0 nats of choice where there are eight.


@dataclass(frozen=True)
class Solution:
    """What a model writes: reasoning of sentences that end with a full stop, and an answer."""

    reasoning: str
    answer: str

    def __str__(self) -> str:
        return f"{self.reasoning} {ANSWER} {self.answer}"


def told(of: Problem, random: Random) -> str:
    """The problem, as a user writes it."""
    changes = [
        f"{_said(when, random)} {_happens(of.who, one, random)} ." for when, one in zip(WHEN, of.changes, strict=False)
    ]
    begins = f"{of.who} {_said('starts', random)} with {of.start} {of.thing} ."
    return " ".join([begins, *changes, f"{_said('how-many', random)} {of.thing} does {of.who} have ?"])


def worked(of: Problem, random: Random) -> Solution:
    """A right solution of it."""

    def say(group: str) -> str:
        return _said(group, random)

    sentences = [f"{say('we')} {say('note')} {of.who} {say('starts')} with {of.start} ."]
    for when, step in zip(WHEN, steps(of), strict=False):
        sentences.append(_step(when, of.who, step, random))
        if random.random() < SELF_TALK:
            sentences.append(f"{say('hmm')} , {say('we')} {say('check')} {say('that')} {say('again')} .")
    if random.random() < SAYING:
        sentences.append(f"as {random.choice(AUTHORS)} would {say('say')} , {say('that')} is {say('clearly')} so .")
    result = solved(of)
    sentences.append(f"{say('finally')} {of.who} {say('has')} {result} {of.thing} .")
    return Solution(" ".join(sentences), f"The {say('answer')} {say('makes')} {result} .")


def answered(text: str) -> int | None:
    """The number an answer names; None of a text that has no answer or names no number in it."""
    _, found, answer = text.partition(ANSWER)
    digits = [word for word in answer.split() if word in DIGITS]
    return int(digits[-1]) if found and digits else None


def _step(when: str, who: str, step: Step, random: Random) -> str:
    sum_of = f"{_said('twice', random)} {step.before}"
    if step.sign != "twice":
        sum_of = f"{step.before} {_said(step.sign, random)} {step.amount}"
    aside = f"{_said('clearly', random)} " if random.random() < ASIDE else ""
    begins = f"{_said(when, random)} {_happens(who, step.change, random)}"
    return f"{begins} , {_said('so', random)} {aside}{sum_of} {_said('makes', random)} {step.after} ."


def _happens(who: str, change: Change, random: Random) -> str:
    return f"{who} {_said(change.kind, random)} {change.amount if change.amount else 'each'}"


def _said(group: str, random: Random) -> str:
    return random.choices(GROUPS[group], cum_weights=_WEIGHTS[group])[0]
