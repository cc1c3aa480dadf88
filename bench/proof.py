"""How often somebody who learnt nothing is accused by a proof, and how much a student must have learnt to be found.

    python -m bench.proof [WORLDS]

The language is made (bench/made_language.py): each innocent is as like the teacher as can be, since it is the teacher, without
the key. Students know texts by heart, which real models do less: `stillwatch bench distill` has models that were trained.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.made_language import Teacher, teacher
from stillwatch.prove.lifted import Lift, lifts
from stillwatch.prove.pairs import Counted, Heard, contexts_of
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, Secret

SERVED_TEXTS, ASKED, BESIDE, WORDS_EACH = 60, 60, 300, 120  # texts drawn with a key, answers, answers of others; words
LEVELS = (0.05, 0.01, 1e-3)
SHARES = (0.01, 0.05, 0.1, 0.25, 1.0)  # of what a student learns, that was drawn with the key
LEARNT = 200  # texts of a student
STUDENTS = 10  # of each kind
HEARD = (60, 300)  # answers of a student
WINDOWS = (1, 2, 4)  # words of context


@dataclass
class World:
    """A teacher, and what others say: the same teacher without any key."""

    of: Teacher

    def __post_init__(self) -> None:
        self.others = counted(self.of, self.of.answers(BESIDE, WORDS_EACH, 999_999))

    def tests(self, marked: Sequence[Sequence[int]], said: Sequence[Sequence[int]], key: MarkKey) -> list[Lift]:
        """All tests of what somebody says."""
        contexts = contexts_of([np.array(one, np.uint32) for one in marked], self.of.window)
        return lifts(counted(self.of, said), self.others, [(key, contexts)], "sglang", (), 1e-3)


def counted(of: Teacher, said: Sequence[Sequence[int]]) -> Counted:
    heard = Heard(of.window)
    for one in said:
        heard.add(np.empty(0, np.uint32), np.array(one, np.uint32))
    return heard.counted()


def key_of(seed: int) -> MarkKey:
    return Secret(bytes(32)).key(f"C-{seed}", Epoch(0, 604_800))


def innocents(worlds: int, window: int) -> None:
    """Teachers without the key, each beside texts that another key has drawn."""
    of, found = teacher(1, window), defaultdict[str, list[Lift]](list)
    world = World(of)
    for seed in range(worlds):
        marked = of.answers(SERVED_TEXTS, WORDS_EACH, seed, key_of(seed).key)
        for one in world.tests(marked, of.answers(ASKED, WORDS_EACH, seed + 100_000), key_of(seed)):
            found[one.counts].append(one)
    for counts, own in found.items():
        p, published = (np.array([getattr(one, name) for one in own]) for name in ("log_p", "log_p_published"))
        told = "; ".join(
            f"p <= {level:g}: {np.mean(p <= math.log(level)):.2%}, as published {np.mean(published <= math.log(level)):.2%}"
            for level in LEVELS
        )
        print(f"{len(own)} innocents, window {window}, {counts} ({np.mean([one.contexts for one in own]):.0f}): {told}")


def students(window: int) -> None:
    """Students who learnt a share of marked texts among others."""
    of = teacher(1, window)
    world = World(of)
    for share in SHARES:
        found = defaultdict[tuple[int, str], list[Lift]](list)
        for seed in range(STUDENTS):
            many = round(share * LEARNT)
            marked = of.answers(many, WORDS_EACH, seed, key_of(seed).key)
            plain = of.answers(LEARNT - many, WORDS_EACH, seed + 100_000) if many < LEARNT else []
            for answers in HEARD:
                said = of.student([*plain, *marked], answers, WORDS_EACH, seed)
                for one in world.tests(marked, said, key_of(seed)):
                    found[answers, one.counts].append(one)
        for answers in HEARD:
            told = ", ".join(
                f"{counts} {np.median([one.log_p for one in own]) / math.log(10):.1f} "
                f"({np.mean([one.log_p <= math.log(1e-3) for one in own]):.0%})"
                for (heard, counts), own in found.items() if heard == answers
            )  # fmt: skip
            print(f"  window {window}, {share:.0%} marked, {answers * WORDS_EACH:,} words heard: median log10 p {told}")


if __name__ == "__main__":
    for window in WINDOWS:
        innocents(int(sys.argv[1]) if len(sys.argv) > 1 else 400, window)
    for window in WINDOWS:
        students(window)
