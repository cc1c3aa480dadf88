"""Judges sign-ups one after another, by themselves and by those before; earlier ones again when later ones tell of them.

One code for a file and for a door: what is known at a sign-up is what came before it. Nothing here reads a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log2
from typing import NamedTuple

from stillwatch.config import Config
from stillwatch.evidence import Reason
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.cells import Cell, Cells
from stillwatch.verification.groups import Group, Groups
from stillwatch.verification.likelihood import Parts, Weights, likelihood
from stillwatch.verification.lists import Lists
from stillwatch.verification.organisations import party
from stillwatch.verification.record import Record, Standing
from stillwatch.verification.shares import Found, Shares
from stillwatch.verification.signs import ALL, Sign
from stillwatch.verification.signup import Signup
from stillwatch.verification.told import of_cells, of_group, of_record, of_signs, sorted_out

DAY = 86_400.0  # seconds
FITTED = Weights(beforehand=-6.0, signs=0.5, group=0.5, group_record=0.5, cells=0.5, record=0.5, returning=1.0)
GROWN = frozenset(2**power for power in range(2, 16))  # sizes of a cell at which those in it are judged again

Returning = Callable[[Signup], float]  # bits that it carries on a banned account


@dataclass
class _Known:
    """A sign-up of the window."""

    one: Signup
    found: Found
    number: int  # in groups
    asked: bool = False
    waits: bool = False  # to be judged again
    bad: bool = False
    customer: float = 1.0  # what it was counted as


class _Seen(NamedTuple):
    """What is found of one: in bits, and what they come from."""

    parts: Parts
    bits: list[float]  # of each sign
    group: Group
    cells: list[Cell]
    standings: list[Standing]


class Assessor:
    """What is known of the sign-ups of a window. `returning` gives bits that one carries on a banned account."""

    def __init__(
        self,
        config: Config,
        lists: Lists,
        weights: Weights = FITTED,
        signs: Sequence[Sign] = ALL,
        returning: Returning | None = None,
    ) -> None:
        self._settings, self._lists, self._weights, self._signs = config.signups, lists, weights, signs
        self._returning = returning
        self._shares = Shares(signs, config.signups)
        self._groups = Groups(config.links, config.signups.min_tie_bits, config.signups.window_days * DAY)
        self._cells, self._record = Cells(config.signups), Record(config.signups)
        self._known: dict[str, _Known] = {}
        self._numbered: list[str] = []  # account of each number
        self._in_cell: dict[int, deque[str]] = {}
        self._again: deque[str] = deque()
        self._raised: list[Assessment] = []

    def assess(self, one: Signup) -> Assessment:
        """A new sign-up; one that is known is judged by what is known now."""
        known = self._known.get(one.account_id)
        if known is None:
            known = self._add(one)
        said = self._judged(known)
        self._judge_waiting()
        return said

    def raised(self) -> list[Assessment]:
        """Earlier sign-ups of which a step is asked since; each is told once."""
        said, self._raised = self._raised, []
        return said

    def settle(self) -> None:
        """Judge all that wait."""
        while self._again:
            self._judge_waiting()

    def outcome(self, account_id: str, bad: bool) -> bool:
        """A sign-up turned out bad, or not after all. False for one that is not known."""
        known = self._known.get(account_id)
        if known is None:
            return False
        if known.bad != bad:
            known.bad = bad
            self._record.learn(known.one, 1 if bad else -1)
            group = self._groups.of(known.number)
            group.bad += 1 if bad else -1
            if bad:
                self._shares.learn(known.found)
                self._wait(self._numbered[number] for number in group.members)
                for cell in self._cells.of(known.one):
                    self._wait(self._in_cell.get(cell.key, ()))
        return True

    def _add(self, one: Signup) -> _Known:
        who = party(one, self._lists)
        number, grown = self._groups.add(one, who)
        self._numbered.append(one.account_id)
        self._cells.add(one, who)
        self._record.add(one)
        known = _Known(one, [sign.shows(one, self._lists) for sign in self._signs], number)
        self._known[one.account_id] = known
        self._shares.count(known.found, 1.0)
        if grown:
            self._wait(self._numbered[other] for other in self._groups.of(number).members)
        for cell in self._cells.of(one):
            members = self._in_cell.setdefault(cell.key, deque(maxlen=self._settings.most_judged_again))
            members.append(one.account_id)
            if cell.seen in GROWN:
                self._wait(members)
        return known

    def parts(self, account_id: str) -> Parts:
        """What is found of a sign-up now, in bits, before anything is weighed."""
        return self._seen(self._known[account_id]).parts

    def _seen(self, known: _Known) -> _Seen:
        bits, group = self._shares.bits(known.found), self._groups.of(known.number)
        cells, standings = self._cells.of(known.one), self._record.of(known.one)
        parts = Parts(
            signs=self._shares.total(bits),
            group=max(0.0, log2(len(group.parties) / self._settings.household)),  # doublings of what a household has
            group_record=self._group_record(group, known.bad),
            cells=self._cells.total(cells),
            record=self._record.total(standings),
            returning=self._returning(known.one) if self._returning else 0.0,
        )
        return _Seen(parts, bits, group, cells, standings)

    def _judged(self, known: _Known) -> Assessment:
        seen = self._seen(known)
        counted = self._weights.bits(seen.parts)
        chance = likelihood(self._weights.beforehand + counted.total)
        self._shares.count(known.found, (1.0 - chance) - known.customer)
        known.customer = 1.0 - chance
        asks = chance >= self._settings.asks_from
        known.asked = known.asked or asks
        one = known.one
        batch = f"B-{seen.group.name}" if len(seen.group.parties) > self._settings.household else ""
        told = self._told(known, seen, counted)
        return Assessment(one.account_id, one.at, chance, counted.total, asks, told, batch, one.pathway)

    def _told(self, known: _Known, seen: _Seen, counted: Parts) -> tuple[Reason, ...]:
        group = seen.group
        return sorted_out(
            chain(
                of_signs(self._signs, seen.bits, counted.signs),
                of_group(group, list(self._groups.shared(known.one)), counted, group.bad - known.bad),
                of_cells(self._cells, seen.cells, counted.cells),
                of_record(seen.standings, counted.record),
            )
        )

    def _group_record(self, group: Group, self_bad: bool) -> float:
        """Bad ones among the others of the group, against everybody's share."""
        others, bad = len(group.members) - 1, group.bad - self_bad
        prior, average = self._settings.record_prior, self._record.average
        return max(0.0, log2((bad + prior * average) / (others + prior) / average))

    def _wait(self, accounts: Iterator[str] | Sequence[str] | deque[str]) -> None:
        for account in accounts:
            known = self._known[account]
            if not known.asked and not known.waits:
                known.waits = True
                self._again.append(account)

    def _judge_waiting(self) -> None:
        for _ in range(min(len(self._again), self._settings.rejudged_a_call)):
            known = self._known[self._again.popleft()]
            known.waits = False
            said = self._judged(known)
            if said.asks:
                self._raised.append(said)
