"""Problems of counting with the steps that solve them; a digit goes on at 0 after 5."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from stillwatch.laboratory.language.words import BASE, NAMES, THINGS

TASKS = {"counting": ("gains", "loses"), "doubling": ("gains", "loses", "doubles")}  # and what happens in each
FEWEST_CHANGES, MOST_CHANGES = 1, 3


@dataclass(frozen=True)
class Change:
    """What happens to the counter: how, and by how much."""

    kind: str
    amount: int = 0


@dataclass(frozen=True)
class Step:
    """One line of arithmetic: `before` and `amount` become `after`."""

    change: Change
    sign: str  # plus, minus or twice
    before: int
    amount: int
    after: int


@dataclass(frozen=True)
class Problem:
    """Everything a text of it says."""

    task: str
    who: str
    thing: str
    start: int
    changes: tuple[Change, ...]


def problem(random: Random) -> Problem:
    """One of any task and length, each as likely."""
    task = random.choice(tuple(TASKS))
    kinds = [random.choice(TASKS[task]) for _ in range(random.randint(FEWEST_CHANGES, MOST_CHANGES))]
    changes = tuple(Change(kind, 0 if kind == "doubles" else random.randint(1, BASE - 1)) for kind in kinds)
    return Problem(task, random.choice(NAMES), random.choice(THINGS), random.randrange(BASE), changes)


def steps(of: Problem) -> list[Step]:
    """What happens to the counter, in order."""
    value, found = of.start, []
    for change in of.changes:
        sign = _SIGNS[change.kind]
        after = {"twice": 2 * value, "plus": value + change.amount, "minus": value - change.amount}[sign] % BASE
        found.append(Step(change, sign, value, change.amount, after))
        value = after
    return found


def solved(of: Problem) -> int:
    """The right answer."""
    return steps(of)[-1].after


_SIGNS = {"gains": "plus", "loses": "minus", "doubles": "twice"}
