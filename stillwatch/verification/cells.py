"""Two traits that meet in the same sign-ups far oftener than chance brings them together.

A farm can give each account a card, a number, a device and a home line of its own, and still has its two issuers of cards and
its five templates of a browser: among people of one country and language, who has the one has the other no oftener than
anybody. So within those and a window, sign-ups with both are held against what the two counts let expect (Brin, Motwani,
Silverstein, "Beyond market baskets", 1997). What swells by itself - a launch, a tutorial that sends a country's students -
swells both counts and expects its own crowd. Colleagues are counted once: a firm has one issuer and one browser.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from stillwatch.config import Signups
from stillwatch.verification.signup import Signup
from stillwatch.verification.traits import ALL, PAIRS, stratum, values

DAY = 86_400.0  # seconds
Told = tuple[int, ...]  # what `told` gives


class Cell(NamedTuple):
    """Two traits of a sign-up, and how many have both."""

    first: int  # place in traits.ALL
    second: int
    key: int
    seen: int
    expected: float
    bits: float


class Cells:
    """Counts of a window; a sign-up is forgotten as it leaves."""

    def __init__(self, settings: Signups) -> None:
        self._settings = settings
        self._counts: Counter[int] = Counter()
        self._kept: deque[tuple[float, array[int]]] = deque()  # when, and what was counted
        self._day = -1
        self._today: set[int] = set()  # parties, each with what was counted of it

    def add(self, at: float, told: Told, party: str = "") -> None:
        """Count a sign-up; another one of the same party on the same day is not counted again where it is the same."""
        self._forget(at)
        where, *singles = told
        pairs = [hash((singles[a], singles[b])) for a, b in PAIRS if singles[a] and singles[b]]
        keys = [where, *(key for key in singles if key), *pairs]
        if party:
            keys = [key for key in keys if hash((party, key)) not in self._today]
            self._today.update(hash((party, key)) for key in keys)
        for key in keys:
            self._counts[key] += 1
        self._kept.append((at, array("q", keys)))

    def of(self, told: Told) -> list[Cell]:
        """Cells of a sign-up that hold more than chance explains, heaviest first, no trait in two of them."""
        where, *singles = told
        counts, least, prior = self._counts, self._settings.min_in_cell, self._settings.cell_prior
        held = [counts.get(key, 0) if key else 0 for key in singles]
        everybody = counts.get(where, 1)
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

    def _forget(self, now: float) -> None:
        if int(now // DAY) != self._day:
            self._day, self._today = int(now // DAY), set()
        gone = now - self._settings.window_days * DAY
        while self._kept and self._kept[0][0] < gone:
            for key in self._kept.popleft()[1]:
                self._counts[key] -= 1
                if not self._counts[key]:
                    del self._counts[key]


def told(one: Signup) -> Told:
    """A key for where a sign-up is from, and for each of its traits there; 0 for those that were not told."""
    where = stratum(one)
    return (hash(where), *(hash((where, at, value)) if value else 0 for at, value in enumerate(values(one))))


def _disjoint(cells: Sequence[Cell]) -> Iterator[Cell]:
    taken: set[int] = set()
    for cell in cells:
        if not taken & {cell.first, cell.second}:
            taken |= {cell.first, cell.second}
            yield cell
