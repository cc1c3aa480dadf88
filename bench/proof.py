"""How often somebody who learnt nothing is accused by a proof, and how much a student must have learnt to be found.

    python -m bench.proof [WORLDS]

The language is made (bench/made_language.py): each innocent is as like the teacher as can be, since it is the teacher, without
the key. Students know texts by heart, which real models do less: `stillwatch bench distill` has models that were trained.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import numpy as np

from bench.made_language import Teacher, teacher
from stillwatch.prove.lifted import ALL, SERVED, Lift, lifts
from stillwatch.prove.pairs import Heard, contexts_of
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, Secret

SERVED_TEXTS, ASKED, WORDS_EACH = 60, 60, 120
LEVELS = (0.05, 0.01, 1e-3)
SHARES = (0.01, 0.05, 0.1, 0.25, 1.0)  # of what a student learns, that was drawn with the key
LEARNT = 200  # texts of a student
STUDENTS = 10  # of each kind
HEARD = (60, 300)  # answers of a student


def tested(of: Teacher, marked: Sequence[Sequence[int]], said: Sequence[Sequence[int]], key: MarkKey) -> list[Lift]:
    """Both tests of what somebody says."""
    heard = Heard(of.window)
    for one in said:
        heard.add(np.empty(0, np.uint32), np.array(one, np.uint32))
    contexts = contexts_of([np.array(one, np.uint32) for one in marked], of.window)
    return lifts(heard.pairs(), [(key, contexts)], "sglang", of.window, (), 1e-3)


def key_of(seed: int) -> MarkKey:
    return Secret(bytes(32)).key(f"C-{seed}", Epoch(0, 604_800))


def innocents(worlds: int, window: int) -> None:
    """Teachers without the key, each beside texts that another key has drawn."""
    of, found = teacher(1, window), []
    for seed in range(worlds):
        key = key_of(seed)
        marked = of.answers(SERVED_TEXTS, WORDS_EACH, seed, key.key)
        found.append(tested(of, marked, of.answers(ASKED, WORDS_EACH, seed + 100_000), key))
    for place, counts in enumerate((SERVED, ALL)):
        own = [one[place] for one in found]
        bet, published = (np.array([getattr(one, name) for one in own]) for name in ("log_p", "log_p_published"))
        told = "; ".join(
            f"p <= {level:g}: {np.mean(bet <= math.log(level)):.2%}, as published {np.mean(published <= math.log(level)):.2%}"
            for level in LEVELS
        )
        print(
            f"{worlds} innocents, window {window}, {counts} contexts ({np.mean([one.contexts for one in own]):.0f}): {told}"
        )


def students(window: int) -> None:
    """Students who learnt a share of marked texts among others."""
    of = teacher(1, window)
    for share in SHARES:
        found: dict[int, list[Lift]] = {one: [] for one in HEARD}
        for seed in range(STUDENTS):
            key, many = key_of(seed), round(share * LEARNT)
            marked = of.answers(many, WORDS_EACH, seed, key.key)
            plain = of.answers(LEARNT - many, WORDS_EACH, seed + 100_000) if many < LEARNT else []
            for answers, own in found.items():
                own.append(tested(of, marked, of.student([*plain, *marked], answers, WORDS_EACH, seed), key)[0])
        for answers, own in found.items():
            p = np.array([one.log_p for one in own]) / math.log(10)
            print(
                f"  window {window}, {share:.0%} marked, {answers * WORDS_EACH:,} tokens heard, "
                f"{np.mean([one.contexts for one in own]):,.0f} contexts: median log10 p {np.median(p):.1f}, "
                f"below 1e-3 {np.mean(p <= -3):.0%}"
            )


if __name__ == "__main__":
    for window in (1, 2, 4):
        innocents(int(sys.argv[1]) if len(sys.argv) > 1 else 400, window)
    for window in (2, 4):
        students(window)
