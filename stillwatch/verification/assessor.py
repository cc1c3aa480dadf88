"""Judges sign-ups one after another, by themselves and by those before; earlier ones again when later ones tell of them.

One code for a file and for a door: what is known at a sign-up is what came before it. Nothing here reads a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log2
from typing import NamedTuple

from stillwatch.config import Config
from stillwatch.evidence import Reason
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.carried_on import CarriesOn
from stillwatch.verification.cells import DAY, Cell, Cells, Told, told
from stillwatch.verification.groups import Group, Groups
from stillwatch.verification.learned import Outcomes
from stillwatch.verification.likelihood import Parts, Weights, fitted, likelihood
from stillwatch.verification.lists import Lists
from stillwatch.verification.parties import party
from stillwatch.verification.signs import ALL, Sign
from stillwatch.verification.signup import Signup
from stillwatch.verification.told import of_cells, of_group, of_outcomes, of_signs, sorted_out

GROWN = frozenset(2**power for power in range(1, 16))  # sizes of a group or cell at which those in it are judged again
BATCH = 5  # strangers of one hand from which they are called a batch: fewer are friends


@dataclass
class _Known:
    """A sign-up that was judged."""

    one: Signup
    found: Sequence[bool | None]  # of each sign: it shows, it does not, it cannot be told
    signs: Sequence[float]  # bits of each
    shown: float  # of all of them
    keys: Sequence[int]  # of what outcomes teach
    told: Told  # of where traits meet
    number: int  # in groups
    carries_on: float  # bits that it carries on a closed account
    of_closed: Sequence[Reason]
    asked: bool = False
    waits: bool = False  # to be judged again
    bad: bool | None = None  # how it turned out; None while nothing was told


class _Seen(NamedTuple):
    """What is found of one: in bits, and what they come from."""

    parts: Parts
    group: Group
    cells: list[Cell]


class Assessor:
    """What is known of the sign-ups of a window. `carries_on` says whether one carries on a closed account."""

    def __init__(
        self,
        config: Config,
        lists: Lists,
        weights: Weights | None = None,
        signs: Sequence[Sign] = ALL,
        carries_on: CarriesOn | None = None,
    ) -> None:
        self._settings, self._lists, self._signs = config.signups, lists, signs
        self._weights, self._carries_on = weights or fitted(), carries_on
        self._groups = Groups(config.links, config.signups.min_tie_bits, config.signups.window_days * DAY)
        self._cells, self._outcomes = Cells(config.signups), Outcomes(config.signups, signs)
        self._known: dict[str, _Known] = {}
        self._numbered: list[str] = []  # account of each number
        self._turned = 0  # of them turned out bad
        self._in_cell: dict[int, deque[str]] = {}
        self._again: deque[str] = deque()
        self._cursor = self._matured = 0  # numbers of the next to be judged again, and to be in good standing
        self._raised: list[Assessment] = []

    def assess(self, one: Signup) -> Assessment:
        """A new sign-up; one that is known is judged by what is known now."""
        self._mature(one.at)
        known = self._known.get(one.account_id) or self._add(one)
        said = self._judged(known)
        self._judge_again(self._settings.rejudged_a_call)
        return said

    def raised(self) -> list[Assessment]:
        """Earlier sign-ups of which a step is asked since; each is told once."""
        said, self._raised = self._raised, []
        return said

    def settle(self) -> None:
        """Judge again all that wait."""
        while self._again:
            self._judge_again(0)

    def outcome(self, account_id: str, bad: bool) -> bool:
        """A sign-up turned out bad (banned, a step failed), or good (a step passed). False for one that is not known."""
        known = self._known.get(account_id)
        if known is None:
            return False
        before, known.bad = known.bad, bad
        if before is not bad:
            group, more = self._groups.of(known.number), bool(bad) - bool(before)
            group.bad += more
            self._turned += more
            self._learn(known, bad)
            if bad:
                newest = group.members[-self._settings.most_judged_again :]
                self._wait(self._numbered[number] for number in newest)
                for cell in self._cells.of(known.told):
                    self._wait(self._in_cell.get(cell.key, ()))
        return True

    def parts(self, account_id: str) -> Parts:
        """What is found of a sign-up now, company before it is weighed."""
        return self._seen(self._known[account_id]).parts

    def found(self, account_id: str) -> Sequence[bool | None]:
        """Which signs it shows."""
        return self._known[account_id].found

    def _add(self, one: Signup) -> _Known:
        who = party(one, self._lists)
        number, grown = self._groups.add(one, who)
        self._numbered.append(one.account_id)
        found = [sign.shows(one, self._lists) for sign in self._signs]
        closed = self._carries_on(one) if self._carries_on else (0.0, ())
        bits = self._weights.of_signs(self._signs, found)
        traits = told(one)
        known = _Known(one, found, bits, sum(bits), self._outcomes.keys(one, found), traits, number, *closed)
        self._known[one.account_id] = known
        self._cells.add(one.at, traits, "" if who == one.account_id else who)
        members = self._groups.of(number).members
        if grown and len(members) in GROWN:
            self._wait(self._numbered[other] for other in members)
        for cell in self._cells.of(traits):
            there = self._in_cell.setdefault(cell.key, deque(maxlen=self._settings.most_judged_again))
            there.append(one.account_id)
            if cell.seen in GROWN:
                self._wait(there)
        return known

    def _seen(self, known: _Known) -> _Seen:
        group, cells = self._groups.of(known.number), self._cells.of(known.told)
        parts = Parts(
            signs=known.shown,
            group=log2(len(group.parties)),  # doublings of one family, firm or person
            bad_company=self._bad_company(group, bool(known.bad)),
            cells=self._cells.total(cells),
            learned=self._outcomes.bits(known.keys),
            returning=known.carries_on,
        )
        return _Seen(parts, group, cells)

    def _judged(self, known: _Known) -> Assessment:
        one, seen = known.one, self._seen(known)
        counted = self._counted(seen.parts)
        chance = likelihood(self._weights.beforehand + counted.total)
        asks = chance >= self._settings.asks_from
        known.asked = known.asked or asks
        batch = f"B-{seen.group.name}" if len(seen.group.parties) >= BATCH else ""
        because = (
            self._told(known, seen, counted) if asks else ()
        )  # nobody reads the others, and they cost as much again
        return Assessment(one.account_id, one.at, chance, counted.total, asks, because, batch, one.pathway)

    def _counted(self, parts: Parts) -> Parts:
        share = self._weights.company
        return Parts(
            parts.signs,
            parts.group * share["group"],
            parts.bad_company * share["bad_company"],
            parts.cells * share["cells"],
            parts.learned,
            parts.returning,
        )

    def _told(self, known: _Known, seen: _Seen, counted: Parts) -> tuple[Reason, ...]:
        group = seen.group
        shared = list(self._groups.shared(known.one))
        return sorted_out(
            chain(
                of_signs(self._signs, known.signs, known.one, self._lists),
                of_group(group, shared, counted, group.bad - bool(known.bad)),
                of_cells(self._cells, seen.cells, counted.cells),
                of_outcomes(self._outcomes.said(known.one, known.found), counted.learned),
                known.of_closed,
            )
        )

    def _bad_company(self, group: Group, self_bad: bool) -> float:
        """Bad ones among the others of the group, against everybody's share (drawn to it by a number of sign-ups)."""
        others, bad = len(group.members) - 1, group.bad - self_bad
        prior = self._settings.record_prior
        average = max(self._settings.least_bad, self._turned / len(self._numbered))
        return max(0.0, log2((bad + prior * average) / (others + prior) / average))

    def _learn(self, known: _Known, bad: bool, counts: float = 1.0) -> None:
        counted = self._counted(self._seen(known).parts)
        beforehand = self._weights.beforehand + counted.total - counted.learned
        self._outcomes.learn(known.one, known.keys, beforehand, bad, counts)

    def _mature(self, now: float) -> None:
        """Those against whom nothing was said for long enough are in good standing, until something is; some with each call."""
        ripe = now - self._settings.matures_days * DAY
        for _ in range(self._settings.rejudged_a_call):  # as many as come, on average one
            if self._matured == len(self._numbered):
                break
            known = self._known[self._numbered[self._matured]]
            if known.one.at > ripe:
                break
            self._matured += 1
            if known.bad is None:
                self._learn(known, False, self._settings.matured_counts)

    def _wait(self, accounts: Iterable[str]) -> None:
        for account in accounts:
            known = self._known[account]
            if not known.asked and not known.waits:
                known.waits = True
                self._again.append(account)

    def _judge_again(self, turn: int) -> None:
        """Some of those that wait, and so many of the others in turn: what was learned since tells of all of them."""
        waiting = [self._again.popleft() for _ in range(min(len(self._again), self._settings.rejudged_a_call))]
        for account in dict.fromkeys((*waiting, *(self._next() for _ in range(turn)))):
            known = self._known[account]
            known.waits = False
            if not known.asked and known.bad is None:
                said = self._judged(known)
                if said.asks:
                    self._raised.append(said)

    def _next(self) -> str:
        """One after another of those that are not in good standing yet."""
        self._cursor += 1
        if not self._matured <= self._cursor < len(self._numbered):
            self._cursor = min(self._matured, len(self._numbered) - 1)
        return self._numbered[self._cursor]
