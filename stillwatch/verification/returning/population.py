"""What everybody does, against which a newcomer is weighed: how many there are, how they begin, what templates they meet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, lgamma, log

CHANCE = (
    1 / 8_000
)  # texts that fit a campaign's template by chance, at least: as counted in made worlds (run/templates.py)
USES = 0.02  # of its exchanges, from which an account uses a template: its first fifty would show one
MEMBERS = 256  # of a campaign, whose habits stand for it: an even choice of more tells no more


@dataclass(frozen=True)
class Habits:
    """What the members of one campaign do, and what customers in good standing do with its templates."""

    shares: tuple[tuple[int, int], ...] = ()  # of each member: exchanges from the campaign's templates, exchanges
    first_days: tuple[int, ...] = ()  # exchanges in the first 24 hours of each member, ascending
    users: int = 0  # customers in good standing who use one of its templates
    by_chance: float = CHANCE  # of the exchanges of the others, those that fit, 0..1


@dataclass(frozen=True)
class Population:
    """Known at the last look, but for `created`, which goes on with the account table."""

    created: tuple[float, ...]  # sign-ups, ascending, seconds since 1970
    since: float  # from when bans and exchanges were looked at, seconds since 1970
    strangers: int = 0  # customers in good standing with exchanges
    first_days: tuple[int, ...] = ()  # exchanges in the first 24 hours of each of them, ascending
    habits: Mapping[str, Habits] = field(default_factory=dict)  # by campaign

    def accounts(self, at: float) -> int:
        """How many there were at a moment."""
        return max(bisect_right(self.created, at), 1)

    def template_bits(self, campaign: str, fitting: int, sent: int) -> float:
        """What it says that so many of so many exchanges fit a campaign's own templates, log2 of a likelihood ratio.

        Operators' newcomers do as one of the members does, whichever (a beta-binomial for each); of others a few use such a
        template for reasons of their own, to any extent, and the rest meets one by chance.
        """
        habits = self.habits.get(campaign)
        if not sent or habits is None or not habits.shares:
            return 0.0
        theirs = _as_members(habits.shares, fitting, sent)
        using = (habits.users + 1) / (self.strangers + 2)
        met = habits.by_chance
        chance = exp(_choose(sent, fitting) + fitting * log(met) + (sent - fitting) * log(1.0 - met))
        return _log2(theirs / ((1.0 - using) * chance + using / (sent + 1)))

    def arrival_bits(self, campaign: str, first_day: int, most: int) -> float:
        """What it says to send so much in the first 24 hours, counted up to `most`: members against everybody else."""
        habits = self.habits.get(campaign)
        if habits is None or not habits.first_days or not self.first_days:
            return 0.0
        return _log2(_share(habits.first_days, first_day, most) / _share(self.first_days, first_day, most))


def _share(counts: Sequence[int], first_day: int, most: int) -> float:
    """Of those that send about as much: from half to twice of it, or at least as much where no more is counted."""
    low = bisect_left(counts, first_day) if first_day >= most else bisect_left(counts, max(first_day // 2, 1))
    high = len(counts) if first_day >= most else bisect_left(counts, max(2 * first_day, 2))
    return (high - low + 1) / (len(counts) + 2)


@lru_cache(maxsize=4096)
def _as_members(shares: tuple[tuple[int, int], ...], fitting: int, sent: int) -> float:
    """Chance that a newcomer who does as a member has so many exchanges that fit."""
    terms = [
        exp(
            _choose(sent, fitting)
            + _beta(used + 0.5 + fitting, of - used + 0.5 + sent - fitting)
            - _beta(used + 0.5, of - used + 0.5)
        )
        for used, of in shares
    ]
    return max(sum(terms) / len(terms), 1e-12)


def _choose(all_of: int, some: int) -> float:
    return lgamma(all_of + 1) - lgamma(some + 1) - lgamma(all_of - some + 1)


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log2(ratio: float) -> float:
    return log(ratio) / log(2.0)


def evenly(members: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Up to `MEMBERS` of them, spread evenly over what share of theirs fits."""
    ordered = sorted(members, key=lambda one: (one[0] / one[1], one))
    step = max(len(ordered) / MEMBERS, 1.0)
    return tuple(ordered[int(place * step)] for place in range(min(len(ordered), MEMBERS)))
