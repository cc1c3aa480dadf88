"""Which starts of accounts answer bans: a point process of which the background and the answers are told apart.

Accounts of a group start at a steady rate, and each ban may call forth one more start, the sooner the likelier (an
exponential delay), and the likelier when both accounts share what few of the group share. How likely a start answers a
ban is the share of its intensity that bans make up: stochastic declustering, by expectation and maximisation (Zhuang,
Ogata, Vere-Jones, "Stochastic declustering of space-time earthquake occurrences", JASA 2002; Veen, Schoenberg, "Estimation
of space-time branching process models in seismology using an EM-type algorithm", JASA 2008). Unlike an earthquake, a ban is
answered by one start at most.

With an exponential delay the sums over all pairs are recursions, so that time is linear in accounts and in what they share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

STEPS = 100  # of expectation and maximisation; where answers are told apart at all, they settle in some thirty
FIRST_DELAY = 6.0  # hours that an answer takes on average, to begin with: replacements were seen within hours
DELAYS = (0.25, 24.0)  # hours between which that is looked for: a script's, and a supplier's who delivers the next day
FIRST_ANSWERED = 0.5  # share of bans that are answered, and of answers that inherit something, to begin with
INHERITS = (0.05, 0.95)  # between which the second is looked for: neither sharing nor not sharing is ever impossible
DAY = 24.0  # hours
MIN_DAYS = 5  # of history, from which bans can be moved to other days to see what chance gives
MOVES = 199  # of the bans, for a p-value down to 0.005


@dataclass(frozen=True)
class Pairs:
    """What a start and an earlier ban have in common: places of both, and how rare that is in the group, bits."""

    ban: I64
    start: I64
    bits: F64


@dataclass(frozen=True)
class Answers:
    """A group's bans and starts, explained."""

    share: float  # of bans that are answered, 0..1
    delay: float  # hours that an answer takes, mean
    expected: float  # starts that answer a ban, of all of them
    likelihood: F64  # of each start, that it answers some ban
    ban: I64  # of each start, the ban that it answers most likely; -1 where there is none before it
    of_ban: F64  # likelihood that it answers that one
    p_value: float | None  # chance of as many answers if bans had been on other days; None in a history too short


def answers(bans: F64, starts: F64, pairs: Pairs, hours: float, seed: int) -> Answers:
    """Hours of bans and of starts, ascending, in a history from 0 to `hours`; pairs only of a ban before its start."""
    fit = _Fit(bans, starts, pairs, hours)
    for _ in range(STEPS):
        fit.step()
    likelihood, of_pair, by_latest = fit.likelihoods()
    ban, of_ban = _latest(bans, starts), by_latest
    order = np.argsort(of_pair, kind="stable")  # the likeliest pair of a start comes last, and stays
    better = order[of_pair[order] > of_ban[pairs.start[order]]]
    ban[pairs.start[better]], of_ban[pairs.start[better]] = pairs.ban[better], of_pair[better]
    expected = float(likelihood.sum())
    return Answers(fit.share, fit.delay, expected, likelihood, ban, of_ban, _p_value(bans, starts, hours, seed))


class _Fit:
    def __init__(self, bans: F64, starts: F64, pairs: Pairs, hours: float) -> None:
        self.bans, self.starts, self.pairs, self.hours = bans, starts, pairs, hours
        self.background = max(len(starts), 1) / hours / 2  # starts an hour
        self.share, self.delay, self.inherits = FIRST_ANSWERED, FIRST_DELAY, FIRST_ANSWERED
        self.room = np.ones(len(bans))
        self.rarity = np.exp2(pairs.bits)
        self.apart = starts[pairs.start] - bans[pairs.ban]

    def step(self) -> None:
        """One round: how likely each start answers each ban, then the rates that make this likeliest."""
        intensity = self._intensity()
        by_ban, later = self._by_ban(1.0 / intensity)
        held = self._weight() / intensity[self.pairs.start]
        anyhow = self.share * self.room * self._unlike()
        answered = anyhow * by_ban
        np.add.at(answered, self.pairs.ban, held * self._extra())
        waited = float((anyhow * later).sum() + (held * self._extra() * self.apart).sum())
        total = max(float(answered.sum()), 1e-12)
        exposed = float(self._exposed().sum())
        if len(self.pairs.ban):
            self.inherits = float(np.clip((held * self.inherits * self.rarity).sum() / total, *INHERITS))
        # One imagined ban that was answered and one that was not: a single ban proves no habit.
        self.share = (total + 1.0) / (max(exposed, total) + 2.0)
        self.delay = float(np.clip(waited / total, *DELAYS))
        self.background = max(float((self.background / intensity).sum()), 0.5) / self.hours
        # What each ban's one answer is worth to a start, where others would be it too or where it may have none.
        self.room = 1.0 / (1.0 - self.share * self._exposed() + answered / self.room)

    def likelihoods(self) -> tuple[F64, F64, F64]:
        """Of each start that it answers some ban; of each pair; and of each start that it answers the latest ban before it."""
        intensity = self._intensity()
        of_pair = self._weight() * self._inherits() * self.rarity / intensity[self.pairs.start]
        latest = _latest(self.bans, self.starts)
        known = latest >= 0
        by_latest = np.zeros(len(self.starts))
        density = self._density(self.starts[known] - self.bans[latest[known]])
        by_latest[known] = self.share * self.room[latest[known]] * self._unlike() * density / intensity[known]
        return 1.0 - self.background / intensity, of_pair, by_latest

    def _weight(self) -> F64:
        """Of each pair, starts an hour that its ban calls forth at that start, before what both have in common."""
        return self.share * self.room[self.pairs.ban] * self._density(self.apart)

    def _density(self, apart: F64) -> F64:
        made: F64 = np.exp(-apart / self.delay) / self.delay
        return made

    def _exposed(self) -> F64:
        """Of each ban, how much of the delays lies within the history."""
        return 1.0 - np.exp(-(self.hours - self.bans) / self.delay)

    def _intensity(self) -> F64:
        """Starts an hour, at the hour of each start."""
        plain = self.share * self._unlike() * _before(self.bans, self.room, self.starts, self.delay)
        shared = np.zeros(len(self.starts))
        np.add.at(shared, self.pairs.start, self._weight() * self._extra())
        return np.maximum(self.background + plain + shared, self.background)

    def _by_ban(self, weight: F64) -> tuple[F64, F64]:
        """Of each ban the sum over later starts of weight and density; and the same times the hours between."""
        turned_bans, turned_starts = self.hours - self.bans[::-1], self.hours - self.starts[::-1]
        sums = _before(turned_starts, weight[::-1], turned_bans, self.delay)
        moments = _before(turned_starts, weight[::-1] * turned_starts, turned_bans, self.delay)
        return sums[::-1], np.maximum(turned_bans * sums - moments, 0.0)[::-1]

    def _inherits(self) -> float:
        return self.inherits if len(self.pairs.ban) else 0.0

    def _unlike(self) -> float:
        """Ratio that sharing nothing gives; where nobody shares anything, nothing that could be shared was logged."""
        return 1.0 - self._inherits()

    def _extra(self) -> F64:
        """What a pair's ratio has over that of sharing nothing, which all pairs were given."""
        return self._inherits() * self.rarity - self._unlike()


def _before(causes: F64, weight: F64, at: F64, delay: float) -> F64:
    """At each hour, the sum over earlier causes of weight and density of an exponential delay; both ascending."""
    if not len(causes):
        return np.zeros(len(at))
    with np.errstate(divide="ignore"):
        logs = np.logaddexp.accumulate(np.log(weight) + causes / delay)
    place = np.searchsorted(causes, at, side="left")  # causes before, and not at, the hour
    known = place > 0
    sums = np.zeros(len(at))
    sums[known] = np.exp(logs[place[known] - 1] - at[known] / delay) / delay
    return sums


def _latest(bans: F64, starts: F64) -> I64:
    """The last ban before each start; -1 for none."""
    return np.searchsorted(bans, starts, side="left").astype(np.int64) - 1


def _p_value(bans: F64, starts: F64, hours: float, seed: int) -> float | None:
    """Days with their bans change places, at the same hours of the day, since both bans and starts have their hours.

    By times alone and with rates that were not fitted, so that what was seen has no advantage over what is drawn.
    """
    days = int(hours // DAY)
    if days < MIN_DAYS or not len(bans) or not len(starts):
        return None
    random = np.random.default_rng(seed)
    day = np.minimum(bans // DAY, days - 1).astype(np.int64)
    within = bans - day * DAY

    def answered(at: F64) -> float:
        made = FIRST_ANSWERED * _before(at, np.ones(len(at)), starts, FIRST_DELAY)
        return float((made / (len(starts) / hours + made)).sum())

    seen = answered(bans)
    moved = (np.sort(random.permutation(days)[day] * DAY + within) for _ in range(MOVES))
    return (1 + sum(answered(at) >= seen for at in moved)) / (MOVES + 1)
