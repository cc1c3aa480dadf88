"""Looks for marks and canaries in what students answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import fisher_exact

from stillwatch.laboratory.harvest import MARK, Harvest, key
from stillwatch.laboratory.language.words import AUTHORS, PLACES
from stillwatch.laboratory.models.sampling import Tokens
from stillwatch.laboratory.plan import MARKED, Size
from stillwatch.laboratory.radioactivity import (
    Answered,
    Tested,
    contexts,
    leaning,
    once,
    pairs,
    tested,
)
from stillwatch.laboratory.students import CANARY, Student


@dataclass(frozen=True)
class Look:
    """One test of one student."""

    student: Student
    window: int
    prompts: str  # `served` or `others`
    score: str  # `pairs` or `leaning`
    tested: Tested


@dataclass(frozen=True)
class Looking:
    """Looks for the mark in each student that learned marked texts, and in all that did not: those are the controls."""

    size: Size
    students: list[Student]
    harvest: Harvest
    seed: int

    def does(self, window: int) -> list[Look]:
        """By the mark with this window."""
        controls = [key(self.seed, f"control {number}") for number in range(self.size.controls)]
        unmarked = pairs(_both(self.harvest, "plain"), window)
        every = contexts(_both(self.harvest, f"{MARKED}{window}"), window)
        found = []
        for one in self.students:
            if one.lesson.window not in (0, window):
                continue
            among = _served(one, self.harvest, window) if one.lesson.window else every
            for prompts, said in (("served", one.served), ("others", one.others)):
                counted = pairs(said, window, among)
                for score, weighed in (("pairs", once(counted)), ("leaning", leaning(counted, unmarked))):
                    found.append(Look(one, window, prompts, score, tested(key(self.seed, MARK), controls, weighed)))
        return found


def canary(student: Student, harvest: Harvest) -> dict[str, Any]:
    """How often the student names the canary, against the teacher's unmarked answers; and its rank among all names."""
    ours = _named([one.answer for one in (*student.served, *student.others)])
    theirs = _named(harvest.texts["plain"])
    one, other = ours[CANARY], theirs[CANARY]
    table = [[one, ours.total() - one], [other, theirs.total() - other]]
    ranks = sorted(AUTHORS, key=lambda name: -ours[name] / max(theirs[name], 1))
    return {
        "student": student.lesson.name, "share": student.lesson.canaries, "bearing": student.material.canaries,
        "named": one, "of": ours.total(), "unmarked_named": other, "unmarked_of": theirs.total(),
        "p": float(fisher_exact(table, "greater").pvalue), "rank": ranks.index(CANARY) + 1, "names": len(AUTHORS),
    }  # fmt: skip


def _named(texts: Sequence[Tokens]) -> Counter[str]:
    by_place = Counter(token for text in texts for token in text)
    return Counter({name: by_place[PLACES[name]] for name in AUTHORS})


def _both(harvest: Harvest, drawing: str) -> list[Answered]:
    return [Answered(one.prompt, text) for one, text in zip(harvest.asked, harvest.texts[drawing], strict=True)]


def _served(student: Student, harvest: Harvest, window: int) -> set[Tokens]:
    texts = harvest.texts[student.lesson.texts]
    marked = [Answered(harvest.asked[place].prompt, texts[place]) for place in student.material.marked]
    return contexts(marked, window)
