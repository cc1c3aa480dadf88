"""What outcomes teach: how sign-ups with the same values turned out, learned one by one as it becomes known.

A logistic regression over a sign-up's values, and over every two of its traits, that learns from each outcome once: banned
or a step failed, a step passed, or nothing said against it for a week, which counts for less. Follow-the-regularized-leader
with a rate for each value (McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm 1): what was
seen once says little, and most values nothing at all.

How the sign-ups of one country and language turn out, beside what was expected, is counted apart and goes before: values are
learned from what is left. So each is held against others from there, and where somebody comes from is no part of a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign, exp, log, sqrt
from typing import NamedTuple

from stillwatch.config import Signups
from stillwatch.verification.kinds import ALL as KINDS
from stillwatch.verification.signs import Sign
from stillwatch.verification.signup import Signup
from stillwatch.verification.traits import ALL as TRAITS
from stillwatch.verification.traits import met, stratum, values

_BIT = log(2.0)  # nats
_ALONE = tuple(
    place for place, one in enumerate(TRAITS) if one.name != "pathway"
)  # what half of all have tells nothing
_FAR = 30.0  # nats beyond which a chance is 0 or 1
_FROM_THERE = 5.0  # outcomes that a country and language counts as everybody, before it has its own


class Learned(NamedTuple):
    """What one value says."""

    phrase: str
    bad: int
    seen: int  # of which the outcome is known
    bits: float


class _Value:
    """Of one value: gradients and their squares (z and n of the algorithm), its weight in nats, outcomes and bad ones."""

    __slots__ = ("bad", "n", "seen", "weight", "z")

    def __init__(self) -> None:
        self.z = self.n = self.weight = 0.0
        self.seen = self.bad = 0


class Outcomes:
    """The regression."""

    def __init__(self, settings: Signups, signs: Sequence[Sign]) -> None:
        self._settings, self._signs = settings, signs
        self._values: dict[int, _Value] = {}
        self._there: dict[str, list[float]] = {}  # by country and language: bad ones, and as many as were expected
        self._all = [1.0, 1.0]  # the same of everybody, and one beforehand

    def keys(self, one: Signup, found: Sequence[bool | None]) -> tuple[int, ...]:
        """A key for each value of a sign-up; worth keeping as long as its outcome may still come."""
        exact = [hash((kind.kind, value)) for kind in KINDS if (value := kind.value(one))]
        told = values(one)
        single = [hash((place, told[place])) for place in _ALONE if told[place]]
        shown = [hash(("sign", place)) for place, shows in enumerate(found) if shows]
        return (*exact, *single, *shown, *(key for _, _, key in met(told)))

    def bits(self, keys: Sequence[int]) -> float:
        """What all values of a sign-up say together."""
        known = self._values
        total = sum(known[key].weight for key in keys if key in known) / _BIT
        most = self._settings.learned_bits
        return max(-most, min(most, total))

    def learn(self, one: Signup, keys: Sequence[int], beforehand: float, bad: bool, counts: float = 1.0) -> None:
        """An outcome. `beforehand`: bits that everything else says; `counts`: 0..1, how sure the outcome is."""
        held = [self._values.setdefault(key, _Value()) for key in keys]
        odds = beforehand * _BIT + sum(value.weight for value in held)
        expected = _chance(beforehand * _BIT)  # by nothing that was learned, or values would explain a country away
        there = self._there.setdefault(stratum(one), [0.0, 0.0])
        share = _FROM_THERE * self._all[0] / self._all[1]
        slope = counts * (_chance(odds + log((there[0] + share) / (there[1] + _FROM_THERE))) - bad)
        for group in (there, self._all):
            group[0] += counts * bad
            group[1] += counts * expected
        for value in held:
            squared = value.n + slope * slope
            value.z += slope - (sqrt(squared) - sqrt(value.n)) / self._settings.learning_rate * value.weight
            value.n = squared
            value.weight = self._weight(value)
            value.seen += 1
            value.bad += bad

    def said(self, one: Signup, found: Sequence[bool | None]) -> list[Learned]:
        """Values that say something, those that speak against a sign-up first."""
        told = values(one)
        named = [(hash((kind.kind, value)), kind.shares) for kind in KINDS if (value := kind.value(one))]
        named += [(hash((place, told[place])), TRAITS[place].phrase) for place in _ALONE if told[place]]
        named += [(hash(("sign", place)), f"the same sign ({self._signs[place].code.replace('_', ' ')})")
                  for place, shows in enumerate(found) if shows]  # fmt: skip
        named += [(key, f"{TRAITS[a].phrase} and {TRAITS[b].phrase}") for a, b, key in met(told)]
        known = ((phrase, self._values[key]) for key, phrase in named if key in self._values)
        weighed = (Learned(phrase, one.bad, one.seen, one.weight / _BIT) for phrase, one in known)
        return sorted((one for one in weighed if one.bits), key=lambda one: -one.bits)

    def _weight(self, value: _Value) -> float:
        """In nats; 0 as long as gradients do not add up to more than chance gives."""
        least = self._settings.learning_least
        if abs(value.z) <= least:
            return 0.0
        return (copysign(least, value.z) - value.z) / ((1.0 + sqrt(value.n)) / self._settings.learning_rate + 1.0)


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + exp(-max(-_FAR, min(_FAR, odds))))
