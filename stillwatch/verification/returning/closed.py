"""Closed accounts and what they were used with: from a value to those who hold it, as known at any moment.

Beside a closed account's values stand all others who hold them, because a value that many customers in good standing hold as
well is a campus or an employer, and speaks against. Members of a campaign that are not banned yet count as the operator's.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stillwatch.verification.returning.kinds import BY_NAME
from stillwatch.verification.returning.newcomer import signup_values
from stillwatch.verification.signup import Signup

NEVER = math.inf  # not banned
PACE = 500  # bans of a campaign, the last before a moment, that tell how often it loses accounts


@dataclass(frozen=True, slots=True)
class Holder:
    """One account, as far as newcomers are compared with it."""

    account_id: str
    created: float  # seconds since 1970; -inf when not told
    banned: float = NEVER  # seconds since 1970
    campaign: str = ""  # that it is counted to; empty for none, and for a victim, whose values are not the operator's


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom a newcomer may continue: the accounts of a campaign, or one account that was banned alone."""

    campaign: str = ""
    account_id: str = ""  # of one banned alone


@dataclass(frozen=True, slots=True)
class Place:
    """Who holds one value, counted at a moment."""

    held: tuple[Holder, ...]
    good: int  # in good standing
    own: Mapping[Candidate, tuple[int, int]]  # of whom it could be: accounts, and those of them that are banned

    @classmethod
    def of(cls, held: tuple[Holder, ...], at: float) -> Place:
        """The standing of each holder, as known at the moment."""
        own: dict[Candidate, tuple[int, int]] = {}
        good = 0
        for one in held:
            banned = one.banned <= at
            if one.campaign or banned:
                whose = Candidate(one.campaign) if one.campaign else Candidate(account_id=one.account_id)
                accounts, gone = own.get(whose, (0, 0))
                own[whose] = accounts + 1, gone + banned
            else:
                good += 1
        return cls(held, good, own)


class Closed:
    """Made once from what is known; asked at sign-up, and again. Reading it costs the holders of a newcomer's values."""

    def __init__(self, holders: Sequence[Holder], values: Iterable[tuple[int, str, str]]) -> None:
        """`values` are (place in `holders`, kind, value). Only values that somebody of interest holds are kept."""
        self.holders = tuple(holders)
        found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for place, kind, value in values:
            found[kind, value].add(place)
        told = [one.banned < NEVER or bool(one.campaign) for one in holders]
        # By age, and no more than say that a value is a crowd's: so a moment's answer stays what it was when others come.
        self._of = {
            key: tuple(sorted(held, key=lambda place: holders[place].created)[: BY_NAME[key[0]].crowd + 2])
            for key, held in found.items()
            if any(told[place] for place in held)
        }
        self.bans: dict[str, list[float]] = {}  # campaign → when its accounts were banned, ascending
        lost: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
        for place, one in enumerate(holders):
            if one.campaign and one.banned < NEVER:
                lost[one.campaign].append((one.banned, place))
        for campaign, bans in lost.items():
            bans.sort()
            self.bans[campaign] = [at for at, _ in bans]
        self._lost = {campaign: [place for _, place in bans] for campaign, bans in lost.items()}
        self._alone = {one.account_id: one for one in holders if one.banned < NEVER and not one.campaign}

    def __len__(self) -> int:
        """Values that are kept."""
        return len(self._of)

    def of_signup(self, signup: Signup) -> list[tuple[str, str, tuple[Holder, ...]]]:
        """(kind, value, who holds it) of what a sign-up shares with closed accounts, by its moment."""
        return [
            (kind, value, held)
            for kind, value in signup_values(signup)
            if (held := self.holding(kind, value, signup.at, signup.account_id))
        ]

    def holding(self, kind: str, value: str, at: float, but: str) -> tuple[Holder, ...]:
        """Accounts other than `but` that held a value by a moment; none of a crowd's, or if all are of no interest."""
        places = self._of.get((kind, value), ())
        held = tuple(one for place in places if (one := self.holders[place]).created <= at and one.account_id != but)
        told = len(held) <= BY_NAME[kind].crowd and any(one.campaign or one.banned <= at for one in held)
        return held if told else ()

    def lost(self, candidate: Candidate, at: float) -> Sequence[float]:
        """When its accounts were banned, of the last `PACE` bans before a moment, ascending."""
        if candidate.campaign:
            bans = self.bans.get(candidate.campaign, [])
            until = bisect_right(bans, at)
            return bans[max(until - PACE, 0) : until]
        one = self._alone.get(candidate.account_id)
        return [one.banned] if one is not None and one.banned <= at else []

    def lately(self, campaign: str, at: float, most: int) -> list[Holder]:
        """Its accounts that were banned last before a moment, the latest first."""
        until = bisect_right(self.bans.get(campaign, []), at)
        return [self.holders[place] for place in reversed(self._lost.get(campaign, [])[max(until - most, 0) : until])]
