"""An operator's habits: each share is drawn around the rung's, so that no two operators and no two seeds are alike."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from stillwatch.worlds.dice import U64, mix
from stillwatch.worlds.signups import lands
from stillwatch.worlds.signups.lands import Texts
from stillwatch.worlds.signups.newcomers import Crowd, Flags


class Craft:
    """One operator's. The same question has the same answer, however often and in whatever order it is asked."""

    def __init__(self, crowd: Crowd, number: int, rung: dict[str, Any]) -> None:
        self.crowd, self.number, self.rung = crowd, number, rung
        self.name = f"op-{number:02d}"

    def random(self, *words: str | int) -> np.random.Generator:
        return self.crowd.rng("operator", self.number, *words)

    def share(self, name: str) -> float:
        """Its own share 0..1, by a beta draw around the rung's."""
        mean, certainty = float(self.rung[name]), self.crowd.numbers["fraud"]["certainty"]
        if not 0.0 < mean < 1.0:
            return mean
        return float(self.random("share", name).beta(mean * certainty, (1 - mean) * certainty))

    def whole(self, name: str) -> int:
        """A whole number between the rung's two, small ones more often."""
        low, high = self.rung[name]
        return int(np.exp(self.random("whole", name).uniform(np.log(low), np.log(high + 1))))

    def between(self, name: str, random: np.random.Generator, size: int) -> Any:
        """Numbers between the rung's two, on a scale of ratios."""
        low, high = self.rung[name]
        return np.exp(random.uniform(np.log(low), np.log(high), size))

    def parts(self, name: str, size: int) -> Texts:
        """Which part each account is of, where the parts' shares are drawn around the rung's."""
        names, means = list(self.rung[name]), np.array(list(self.rung[name].values()), float)
        random = self.random("parts", name)
        own = random.dirichlet(means / means.sum() * self.crowd.numbers["fraud"]["certainty"])
        return np.asarray(np.array(names)[random.choice(len(names), size, p=own)])

    def some(self, name: str, size: int) -> Flags:
        """Who is of its own share."""
        return np.asarray(self.random("some", name).random(size) < self.share(name))

    def keys(self, numbers: Any, *words: str) -> U64:
        return mix(np.asarray(numbers) + 1, self.crowd.key("operator", self.number, *words))

    @cached_property
    def home(self) -> str:
        """Where its staff sits: anywhere alike, for where says nothing."""
        return str(self.random("home").choice(lands.countries()[0]))

    @cached_property
    def claims(self) -> Texts:
        """Countries it claims to live in, the first most often."""
        names, share = lands.countries()
        return np.asarray(self.random("claims").choice(names, self.whole("countries"), replace=False, p=share))
