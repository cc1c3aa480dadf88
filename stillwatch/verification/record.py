"""What became of earlier sign-ups with the same values: how many were banned, or failed a step.

Bits of a value: log2 of its bad share over everybody's, drawn to the average by a number of sign-ups (a Beta prior). Those
that came in lately have had no time to turn out bad, so the share is too low rather than too high. A country by itself is no
value here: whom earlier bans hit must not decide about a people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from stillwatch.config import Signups
from stillwatch.verification.kinds import ALL as KINDS
from stillwatch.verification.signup import Signup
from stillwatch.verification.traits import ALL as TRAITS
from stillwatch.verification.traits import met, values


class Standing(NamedTuple):
    """One value's record."""

    phrase: str
    bad: int
    seen: int
    bits: float


_EXACT = tuple(kind for kind in KINDS if kind.family != "registration")
_ALONE = tuple(place for place, trait in enumerate(TRAITS) if trait.name in {"issuer", "client"})


class Record:
    """Sign-ups and bad ones by value."""

    def __init__(self, settings: Signups) -> None:
        self._settings = settings
        self._seen: Counter[int] = Counter()
        self._bad: Counter[int] = Counter()
        self._signups = self._turned = 0

    @property
    def average(self) -> float:
        """Share of all sign-ups that turned out bad."""
        return max(self._settings.least_bad, self._turned / max(self._signups, 1))

    def add(self, one: Signup) -> None:
        """Count a sign-up."""
        self._signups += 1
        self._seen.update(key for key, _ in _keys(one))

    def learn(self, one: Signup, bad: int) -> None:
        """A sign-up turned out bad (1), or not after all (-1)."""
        self._turned += bad
        for key, _ in _keys(one):
            self._bad[key] += bad

    def of(self, one: Signup) -> list[Standing]:
        """The worst of the values that a hand had to obtain, and the worst of those that many have: what they say, if bad."""
        found = [
            (self._standing(key, phrase), exact) for key, (exact, phrase) in _keys(one) if self._bad.get(key, 0) > 0
        ]
        worst = (_worst([each for each, exact in found if exact is kind]) for kind in (True, False))
        return sorted((each for each in worst if each is not None and each.bits > 0.0), key=lambda each: -each.bits)

    def total(self, standings: Sequence[Standing]) -> float:
        """Bits of all of them together."""
        return min(sum(each.bits for each in standings), self._settings.record_bits)

    def _standing(self, key: int, phrase: str) -> Standing:
        seen, bad, prior = self._seen[key], self._bad[key], self._settings.record_prior
        return Standing(phrase, bad, seen, log2((bad / self.average + prior) / (seen + prior)))


def _worst(found: list[Standing]) -> Standing | None:
    return max(found, key=lambda each: each.bits, default=None)


def _keys(one: Signup) -> Iterator[tuple[int, tuple[bool, str]]]:
    """A key for each value, and for each two traits: whether it is one that a hand had to obtain, and what it is."""
    for kind in _EXACT:
        if value := kind.value(one):
            yield hash((kind.kind, value)), (True, kind.kind)
    told = values(one)
    for place in _ALONE:
        if told[place]:
            yield hash((place, told[place])), (False, TRAITS[place].phrase)
    for a, b, key in met(told):
        yield key, (False, f"{TRAITS[a].phrase} and {TRAITS[b].phrase}")
