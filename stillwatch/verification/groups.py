"""Sign-ups made by one hand: tied two by two by what they share, and joined to groups as they come in.

Two are tied when what they share says so by enough bits, no family of values by more than its limit: an address alone
never does. Groups are kept as disjoint sets (Tarjan, "Efficiency of a good but not linear set union algorithm", 1975).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stillwatch.config import Links
from stillwatch.verification.kinds import ALL, Kind
from stillwatch.verification.signup import Signup


@dataclass
class Group:
    """Sign-ups of one hand."""

    name: int  # the first member's number
    members: list[int] = field(default_factory=list)
    parties: set[str] = field(default_factory=set)  # who answers for them: colleagues are one
    bad: int = 0  # members that turned out bad


class Groups:
    """Groups among the sign-ups of a window, by number."""

    def __init__(self, links: Links, min_bits: float, window: float, kinds: Sequence[Kind] = ALL) -> None:
        self._links, self._min_bits, self._window, self._kinds = links, min_bits, window, kinds
        self._holders: list[dict[str, deque[int]]] = [{} for _ in kinds]
        self._at: list[float] = []
        self._parent: list[int] = []
        self._groups: dict[int, Group] = {}
        self._oldest = 0  # number of the first one inside the window
        self._values: deque[tuple[str, ...]] = deque()  # of those inside the window

    def __len__(self) -> int:
        return len(self._at) - self._oldest

    def add(self, one: Signup, party: str) -> tuple[int, bool]:
        """A sign-up's number, and whether its group grew by it."""
        self._forget(one.at)
        number = len(self._at)
        self._at.append(one.at)
        self._parent.append(number)
        self._groups[number] = Group(number, [number], {party})
        values = tuple(kind.value(one) for kind in self._kinds)
        tied = list(self._tied(values))
        self._values.append(values)
        for held, value in zip(self._holders, values, strict=True):
            if value:
                held.setdefault(value, deque()).append(number)
        for other in tied:
            self._join(number, other)
        return number, bool(tied)

    def of(self, number: int) -> Group:
        """The group that a sign-up is in, by itself at least."""
        return self._groups[self._root(number)]

    def shared(self, one: Signup) -> Iterator[tuple[Kind, int, float]]:
        """What a sign-up that was added shares with others of the window: kind, how many others, bits; heaviest first."""
        found = []
        for kind, held in zip(self._kinds, self._holders, strict=True):
            others = len(held.get(kind.value(one), ())) - 1
            if 0 < others < kind.crowd:
                found.append((kind, others, kind.bits(others + 1, len(self))))
        yield from sorted(found, key=lambda each: -each[2])

    def _tied(self, values: Sequence[str]) -> Iterator[int]:
        """Those who share enough with a newcomer, the newest of each group at least."""
        pairs: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        for kind, held, value in zip(self._kinds, self._holders, values, strict=True):
            holders = held.get(value)
            if not value or holders is None or len(holders) >= kind.crowd:
                continue
            bits = kind.bits(len(holders) + 1, len(self) + 1)
            for other in holders:
                pairs[other][kind.family] += bits
        for other, families in pairs.items():
            if sum(min(bits, self._links.family_bits(name)) for name, bits in families.items()) >= self._min_bits:
                yield other

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]  # halves the way for the next
            number = self._parent[number]
        return number

    def _join(self, one: int, other: int) -> None:
        first, second = self._root(one), self._root(other)
        if first == second:
            return
        a, b = self._groups[first], self._groups[second]
        if len(a.members) < len(b.members):
            first, second, a, b = second, first, b, a
        self._parent[second] = first
        a.members += b.members
        a.parties |= b.parties
        a.bad += b.bad
        a.name = min(a.name, b.name)
        del self._groups[second]

    def _forget(self, now: float) -> None:
        """Values of sign-ups that left the window tie nobody any more; groups stay as they are."""
        while self._oldest < len(self._at) and self._at[self._oldest] < now - self._window:
            for held, value in zip(self._holders, self._values.popleft(), strict=True):
                if value:
                    holders = held[value]
                    holders.popleft()
                    if not holders:
                        del held[value]
            self._oldest += 1
