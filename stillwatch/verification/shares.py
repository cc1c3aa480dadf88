"""How often customers show each sign, counted as sign-ups come in, and what a sign that shows or does not says of one.

Most sign-ups are customers', but not all: each counts as much as it is likely to be one, so that a campaign of thousands
does not teach that what it shows is ordinary. How often operators show a sign is stated, and learned from bans alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from stillwatch.config import Signups
from stillwatch.verification.signs import Sign

Found = Sequence[bool | None]  # of each sign: it shows, it does not, it cannot be told


_STALE = 128  # counts after which weights are worked out again: among thousands, so many more move none by a hundredth


class Shares:
    """Counts of customers and of banned ones by sign."""

    def __init__(self, signs: Sequence[Sign], settings: Signups) -> None:
        self._signs, self._settings = signs, settings
        self._told = [settings.rate_signups] * len(signs)
        self._shown = [sign.customers * settings.rate_signups for sign in signs]
        self._bad_told = [settings.known_bad] * len(signs)
        self._bad_shown = [sign.operators * settings.known_bad for sign in signs]
        names = list(dict.fromkeys(sign.family for sign in signs))
        self._family = [names.index(sign.family) for sign in signs]
        self._families = len(names)
        self._weights: list[tuple[float, float]] = []  # of each sign, where it shows and where it does not
        self._counted = 0

    def count(self, found: Found, customer: float) -> None:
        """One more sign-up, a customer's with this likelihood; a negative one takes back what was counted."""
        self._counted += 1
        for place, shows in enumerate(found):
            if shows is not None:
                self._told[place] += customer
                if shows:
                    self._shown[place] += customer

    def learn(self, found: Found) -> None:
        """What a sign-up showed that turned out bad."""
        self._weights = []
        for place, shows in enumerate(found):
            if shows is not None:
                self._bad_told[place] += 1.0
                if shows:
                    self._bad_shown[place] += 1.0

    def bits(self, found: Found) -> list[float]:
        """Of each sign, log2 of how much oftener operators show it (or do not) than customers; 0 for what was not told."""
        if not self._weights or self._counted >= _STALE:
            self._weights, self._counted = [self._weight(place) for place in range(len(self._signs))], 0
        return [
            0.0 if shows is None else weights[0] if shows else weights[1]
            for weights, shows in zip(self._weights, found, strict=True)
        ]

    def total(self, bits: Sequence[float]) -> float:
        """Bits of all signs together, those of a family within its limits."""
        shown, absent = [0.0] * self._families, [0.0] * self._families
        for family, weight in zip(self._family, bits, strict=True):
            if weight > 0.0:
                shown[family] += weight
            else:
                absent[family] += weight
        most, least = self._settings.family_bits, -self._settings.absent_bits
        return sum(min(each, most) for each in shown) + sum(max(each, least) for each in absent)

    def _weight(self, place: int) -> tuple[float, float]:
        customers = max(self._signs[place].customers, self._shown[place] / self._told[place])
        operators = self._bad_shown[place] / self._bad_told[place]
        return log2(operators / customers), log2((1.0 - operators) / (1.0 - customers))
