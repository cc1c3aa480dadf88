"""A made language, a teacher of it that marks by a key as engines do, and students that know texts by heart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stillwatch.safeguards.watermark.gumbel import Drawn, placed, uniform

WORDS = 300  # of the language; each is one token
BY_HEART = 0.5  # share of the words that a student takes from what it learnt, where it can
SLOPE = 1.1  # of Zipf's frequencies: about four nats a token, as in prose


@dataclass(frozen=True)
class Teacher:
    """Draws each word by the one before; marks by as many before as the window has."""

    chances: np.ndarray[Any, np.dtype[np.float64]]
    window: int = 2

    def answers(self, many: int, words: int, seed: int, key: str = "", scheme: str = "sglang") -> list[list[int]]:
        """Texts; with a key, each word is the one that the key likes best of those that are likely."""
        chance = np.random.default_rng(seed)
        made = self._starts(chance, many)
        seen: set[tuple[int, ...]] = set()
        every = np.tile(np.arange(WORDS, dtype=np.uint32), many)
        while len(made[0]) < words:
            likely = self.chances[[text[-1] for text in made]]
            free = (likely.cumsum(axis=1) > chance.random((many, 1))).argmax(axis=1)
            contexts = [tuple(text[-self.window :]) for text in made]
            if key:
                held = np.repeat(placed(scheme, contexts, self.window), WORDS, axis=0)
                numbers = uniform([key], Drawn(held, every, scheme=scheme))[0].reshape(many, WORDS)
                keyed = (np.log(numbers) / likely).argmax(axis=1)
                free = np.where([(place, *one) in seen for place, one in enumerate(contexts)], free, keyed)
                seen |= {(place, *one) for place, one in enumerate(contexts)}
            for text, word in zip(made, free.tolist(), strict=True):
                text.append(word)
        return made

    def student(self, learnt: Sequence[Sequence[int]], many: int, words: int, seed: int) -> list[list[int]]:
        """What one says who knows texts by heart: after words that he knows he goes on as one of them, every other time."""
        chance, window = np.random.default_rng(seed), self.window
        known = defaultdict[tuple[int, ...], list[int]](list)
        for text in learnt:
            for at in range(len(text) - window):
                known[tuple(text[at : at + window])].append(text[at + window])
        starts = list(known)
        made = [list(starts[one]) for one in chance.integers(0, len(starts), many)]
        while len(made[0]) < words:
            likely = self.chances[[text[-1] for text in made]]
            free = (likely.cumsum(axis=1) > chance.random((many, 1))).argmax(axis=1)
            for text, word, by_heart in zip(
                made, free.tolist(), (chance.random(many) < BY_HEART).tolist(), strict=True
            ):
                heart = known.get(tuple(text[-window:])) if by_heart else None
                text.append(heart[int(chance.integers(len(heart)))] if heart else word)
        return made

    def _starts(self, chance: np.random.Generator, many: int) -> list[list[int]]:
        return chance.integers(0, WORDS, (many, self.window)).tolist()  # type: ignore[no-any-return]


def teacher(seed: int = 1, window: int = 2) -> Teacher:
    """One of a made language."""
    chance = np.random.default_rng(seed)
    frequencies = 1 / np.arange(1, WORDS + 1) ** SLOPE
    frequencies /= frequencies.sum()
    return Teacher(np.array([frequencies[chance.permutation(WORDS)] for _ in range(WORDS)]), window)
