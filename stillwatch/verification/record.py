"""What became of earlier sign-ups with the same values: how many were banned, or failed a step.

Bits of a value: log2 of its bad share over everybody's, drawn to the average by a number of sign-ups (a Beta prior). Those
that came in lately have had no time to turn out bad, so the share is too low rather than too high. A country by itself is no
value here: whom earlier bans hit must not decide about a people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import log2
from typing import NamedTuple

from stillwatch.config import Signups
from stillwatch.verification.kinds import ALL as KINDS
from stillwatch.verification.signup import Signup
from stillwatch.verification.traits import ALL as TRAITS


class Standing(NamedTuple):
    """One value's record."""

    phrase: str
    bad: int
    seen: int
    bits: float


_EXACT = tuple(kind for kind in KINDS if kind.family != "registration")
_ALONE = tuple(place for place, trait in enumerate(TRAITS) if trait.name in {"issuer", "client"})
_MET = tuple((a, b) for a, b in combinations(range(len(TRAITS)), 2) if TRAITS[a].subject != TRAITS[b].subject)


class Record:
    """Sign-ups and bad ones by value."""

    def __init__(self, settings: Signups) -> None:
        self._settings = settings
        self._seen: Counter[int] = Counter()
        self._bad: Counter[int] = Counter()
        self._everybody = [0, 0]  # sign-ups, bad ones

    @property
    def average(self) -> float:
        """Share of all sign-ups that turned out bad."""
        return max(self._settings.least_bad, self._everybody[1] / max(self._everybody[0], 1))

    def add(self, one: Signup) -> None:
        """Count a sign-up."""
        self._everybody[0] += 1
        self._seen.update(_keys(one))

    def learn(self, one: Signup, bad: int) -> None:
        """A sign-up turned out bad (1), or not after all (-1)."""
        self._everybody[1] += bad
        self._bad.update({key: bad for key in _keys(one)})

    def of(self, one: Signup) -> list[Standing]:
        """The worst value of those that a hand had to obtain, and the worst of those that many have; and what they say."""
        average = self.average
        exact = [self._standing(hash((kind.kind, value)), f"what it shares ({kind.kind})", average)
                 for kind in _EXACT if (value := kind.value(one))]  # fmt: skip
        values = [trait.value(one) for trait in TRAITS]
        many = [self._standing(_single(place, values[place]), TRAITS[place].phrase, average)
                for place in _ALONE if values[place]]  # fmt: skip
        many += [self._standing(_pair(a, b, values), f"{TRAITS[a].phrase} and {TRAITS[b].phrase}", average)
                 for a, b in _MET if values[a] and values[b]]  # fmt: skip
        found = [_worst(exact), _worst(many)]
        return sorted((each for each in found if each is not None), key=lambda each: -each.bits)

    def total(self, standings: Sequence[Standing]) -> float:
        """Bits of all of them together."""
        return min(sum(each.bits for each in standings), self._settings.record_bits)

    def _standing(self, key: int, phrase: str, average: float) -> Standing:
        seen, bad = self._seen.get(key, 0), self._bad.get(key, 0)
        prior = self._settings.record_prior
        share = (bad + prior * average) / (seen + prior)
        return Standing(phrase, bad, seen, log2(max(share, average / 4.0) / average))


def _worst(found: list[Standing]) -> Standing | None:
    return max(found, key=lambda each: each.bits, default=None)


def _keys(one: Signup) -> list[int]:
    values = [trait.value(one) for trait in TRAITS]
    return [
        *(hash((kind.kind, value)) for kind in _EXACT if (value := kind.value(one))),
        *(_single(place, values[place]) for place in _ALONE if values[place]),
        *(_pair(a, b, values) for a, b in _MET if values[a] and values[b]),
    ]


def _single(place: int, value: str) -> int:
    return hash((place, value))


def _pair(a: int, b: int, values: Sequence[str]) -> int:
    return hash((a, values[a], b, values[b]))
