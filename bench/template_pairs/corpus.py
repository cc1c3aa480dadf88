"""Prompts of which it is known what template they were made from, if any.

Two in five are made from 60 templates whose words vary to 10, 20, 30 or 50 per cent, in one to five slots; the others
have nothing to do with one another. All words, fixed, variable and unrelated, come from one made vocabulary with Zipf's
frequencies, so slots and strangers share phrases too. A slot's content differs in length from prompt to prompt, and
some contents of a slot recur. Every template is used by two to twelve accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

from bench.data import DATA

PROMPTS = DATA / "prompts"
TEMPLATES = 60
MADE = 0.4  # share of the prompts that are made from templates
VARIABLE = (0.1, 0.2, 0.3, 0.5)  # share of a prompt's words that stand in slots; templates take turns
LONGEST = 1.4  # times the mean length, of a template or an unrelated prompt; the shortest is as far below it
UNEVEN = 0.5  # how far a slot's content may be shorter or longer than usual, as a share of it
RECURRING = 0.3  # share of a slot's contents that are one of CONTENTS: people send the same item again
CONTENTS = 40  # contents of a slot that recur, the first far more often than the last
ACCOUNTS = 300
USERS = (2, 12)  # accounts of a template, fewest and most
SIZE = {"latin": 30_000, "han": 3_500}  # words; ideographs
GAP = {"latin": " ", "han": ""}
SYLLABLES = [first + second for first in "bcdfghklmnprstvwz" for second in ("a", "e", "i", "o", "u", "ei")]


@dataclass(frozen=True)
class Corpus:
    texts: list[str]
    account: list[str]
    template: np.ndarray  # number of the template; another negative number for each unrelated prompt
    variable: np.ndarray  # share of variable words of that template; 0 for an unrelated prompt


class Vocabulary:
    """Made words, frequent ones short."""

    def __init__(self, script: str, dice: np.random.Generator) -> None:
        rank = np.arange(SIZE[script])
        if script == "han":
            self.words = [chr(0x4E00 + number) for number in dice.permutation(rank)]
        else:
            syllables = 1 + np.minimum(dice.poisson(np.log10(rank + 1) / 3), 5)
            self.words = list(dict.fromkeys("".join(dice.choice(SYLLABLES, number + 1)) for number in syllables))
        weight = 1.0 / (np.arange(len(self.words)) + 2.7)  # Zipf's law as Mandelbrot corrected it
        self.weight = weight / weight.sum()
        self.characters = float(self.weight @ [len(one) for one in self.words]) + len(GAP[script])  # a word, mean
        self.upto = np.cumsum(self.weight)[:-1]
        self.dice = dice

    def some(self, number: float) -> list[str]:
        """About this many words, at least one."""
        places = np.searchsorted(self.upto, self.dice.random(max(1, round(number))))
        return [self.words[place] for place in places]


class Template:
    """Runs of fixed words and the slots between them; a first or a last run may be empty."""

    def __init__(self, words: float, variable: float, slots: int, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        fixed = vocabulary.some(words * (1 - variable))
        cuts = np.sort(vocabulary.dice.choice(len(fixed) + 1, min(slots, len(fixed) + 1), replace=False))
        self.runs = [fixed[start:end] for start, end in zip([0, *cuts], [*cuts, len(fixed)], strict=True)]
        self.usual = vocabulary.dice.dirichlet(np.full(len(cuts), 3.0)) * words * variable  # words of each slot
        self.recurring = [[self._content(usual) for _ in range(CONTENTS)] for usual in self.usual]

    def _content(self, usual: float) -> list[str]:
        return self.vocabulary.some(usual * self.vocabulary.dice.uniform(1 - UNEVEN, 1 + UNEVEN))

    def prompt(self) -> list[str]:
        dice = self.vocabulary.dice
        words = list(self.runs[0])
        for slot, run in enumerate(self.runs[1:]):
            if dice.random() < RECURRING:
                words += self.recurring[slot][int(CONTENTS ** dice.random()) - 1]
            else:
                words += self._content(self.usual[slot])
            words += run
        return words


def corpus(
    seed: int,
    prompts: int = 20_000,
    characters: int = 500,
    slots: Sequence[int] = (1, 2, 3, 4, 5),
    script: str = "latin",
    unrelated: Sequence[str] = (),
) -> Corpus:
    """`characters` is the mean length; templates take turns at the numbers of slots. Unrelated prompts that are given
    take the place of made ones, and when they run out there are fewer."""
    dice = np.random.default_rng(seed)
    vocabulary = Vocabulary(script, dice)

    def length() -> float:
        return characters / vocabulary.characters * float(dice.uniform(2 - LONGEST, LONGEST))

    made = [
        Template(length(), VARIABLE[n % len(VARIABLE)], slots[n // len(VARIABLE) % len(slots)], vocabulary)
        for n in range(TEMPLATES)
    ]
    users = [dice.choice(ACCOUNTS, dice.integers(USERS[0], USERS[1] + 1), replace=False) for _ in made]
    given = list(dice.permutation(np.array(unrelated, object)))
    texts, account, template = [], [], []
    for row in range(prompts):
        if dice.random() < MADE:
            number = row % TEMPLATES
            texts.append(GAP[script].join(made[number].prompt()))
            account.append(f"a{dice.choice(users[number])}")
            template.append(number)
        elif given or not unrelated:
            texts.append(given.pop() if unrelated else GAP[script].join(vocabulary.some(length())))
            account.append(f"a{dice.integers(ACCOUNTS)}")
            template.append(-1 - row)
    share = np.array([VARIABLE[number % len(VARIABLE)] if number >= 0 else 0.0 for number in template])
    return Corpus(texts, account, np.array(template), share)


def ordinary() -> list[str]:
    """The distinct real prompts of kind `ordinary`."""
    tables = [pq.read_table(path, columns=["kind", "prompt"]) for path in sorted(PROMPTS.glob("*.parquet"))]
    if not tables:
        raise SystemExit(f"no prompts at {PROMPTS}: set STILLWATCH_DATA")
    return list(dict.fromkeys(row["prompt"] for one in tables for row in one.to_pylist() if row["kind"] == "ordinary"))
