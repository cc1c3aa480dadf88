"""Two traits that meet in the same sign-ups far oftener than chance brings them together.

A farm can give each account a card, a number, a device and a home line of its own, and still has its two issuers of cards and
its five templates of a browser: among people of one country and language, who has the one has the other no oftener than
anybody. So within those and a window, sign-ups with both are held against what the two counts let expect (Brin, Motwani,
Silverstein, "Beyond market baskets", 1997). What swells by itself - a launch, a tutorial that sends a country's students -
swells both counts and expects its own crowd. Colleagues are counted once: a firm has one issuer and one browser.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from stillwatch.config import Signups
from stillwatch.verification.signup import Signup
from stillwatch.verification.traits import ALL, PAIRS, stratum, values

DAY = 86_400.0  # seconds


class Cell(NamedTuple):
    """Two traits of a sign-up, and how many have both."""

    first: int  # place in traits.ALL
    second: int
    key: int
    seen: int
    expected: float
    bits: float


class Cells:
    """Counts of a window, forgotten day by day."""

    def __init__(self, settings: Signups) -> None:
        self._settings = settings
        self._counts: Counter[int] = Counter()
        self._days: deque[tuple[int, Counter[int]]] = deque()
        self._parties: dict[int, set[str]] = {}

    def add(self, one: Signup, party: str) -> None:
        """Count a sign-up; another one of the same party on the same day is not counted again where it is the same."""
        day = int(one.at // DAY)
        self._begin(day)
        today = self._days[-1][1]
        keys = _keys(one)
        if party != one.account_id:
            seen = self._parties.setdefault(day, set())
            keys = [key for key in keys if f"{party} {key}" not in seen]
            seen.update(f"{party} {key}" for key in keys)
        for key in keys:
            self._counts[key] += 1
            today[key] += 1

    def of(self, one: Signup) -> list[Cell]:
        """Cells of a sign-up that hold more than chance explains, heaviest first, no trait in two of them."""
        where = stratum(one)
        singles = _singles(one, where)
        counts, least, prior = self._counts, self._settings.min_in_cell, self._settings.cell_prior
        held = [counts.get(key, 0) if key else 0 for key in singles]
        everybody = counts.get(hash(where), 1)
        found = []
        for a, b in PAIRS:
            if held[a] >= least and held[b] >= least:
                key = hash((singles[a], singles[b]))
                seen = counts.get(key, 0)
                expected = held[a] * held[b] / everybody
                if seen >= least and seen > expected:
                    bits = log2((seen + prior) / (expected + prior))
                    found.append(Cell(a, b, key, seen, expected, min(bits, self._settings.cell_bits)))
        return list(_disjoint(sorted(found, key=lambda cell: -cell.bits)))

    def total(self, cells: Sequence[Cell]) -> float:
        """Bits of all cells of a sign-up together."""
        return min(sum(cell.bits for cell in cells), self._settings.cells_bits)

    def said(self, cell: Cell) -> str:
        """A cell as words."""
        first, second = ALL[cell.first].phrase, ALL[cell.second].phrase
        most = f"{cell.expected:,.1f} would by chance"
        return f"{cell.seen:,} sign-ups of one country and language have {first} and {second}; {most}"

    def _begin(self, day: int) -> None:
        if self._days and self._days[-1][0] >= day:
            return
        self._days.append((day, Counter()))
        while self._days[0][0] <= day - self._settings.window_days:
            gone, counts = self._days.popleft()
            self._parties.pop(gone, None)
            self._counts.subtract(counts)
            for key in counts:
                if not self._counts[key]:
                    del self._counts[key]


def _keys(one: Signup) -> list[int]:
    where = stratum(one)
    singles = _singles(one, where)
    pairs = [hash((singles[a], singles[b])) for a, b in PAIRS if singles[a] and singles[b]]
    return [hash(where), *(key for key in singles if key), *pairs]


def _singles(one: Signup, where: str) -> list[int]:
    """A key for each trait that was told; 0 for the others."""
    return [hash((where, place, value)) if value else 0 for place, value in enumerate(values(one))]


def _disjoint(cells: Sequence[Cell]) -> Iterator[Cell]:
    taken: set[int] = set()
    for cell in cells:
        if not taken & {cell.first, cell.second}:
            taken |= {cell.first, cell.second}
            yield cell
