"""Campaigns through time: which of those found now is one that was found before, and what became of the others.

A campaign is told again by its accounts: it goes on where one found now holds half of the smaller of the two. Where several
were one before, the larger part keeps the name; where several become one, the name of the one that gives it most accounts
stays. That is how communities are followed through snapshots in general (Greene, Doyle, Cunningham, "Tracking the evolution
of communities in dynamic social networks", ASONAM 2010), with the overlap of the smaller instead of Jaccard's index: a
campaign grows a hundredfold while it is uncovered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

SAME = (
    0.5  # share of the smaller's accounts in the larger, from which two are one campaign: with less, most are others'
)


@dataclass(frozen=True)
class Found:
    """A campaign of one look: its name there and its accounts."""

    name: str
    accounts: frozenset[str]
    alarm_bits: float = 0.0  # evidence, as alarms weigh it


@dataclass(frozen=True)
class Event:
    at: datetime
    what: str  # found, grew, shrank, split, merged, lost, found again, alarm
    text: str


@dataclass(frozen=True)
class Lineage:
    """One campaign over all looks so far."""

    campaign_id: str
    detected_at: datetime  # the first look that found it
    accounts: frozenset[str]  # of the last look that found it
    accounts_then: int  # when it was first found
    last_found: datetime
    found_as: str = ""  # its name in the look just taken; empty when that look did not find it
    became: str = ""  # the campaign it was merged into
    alarmed_at: datetime | None = None  # the first look at which its evidence was enough for an alarm
    events: tuple[Event, ...] = ()


def followed(known: Sequence[Lineage], found: Sequence[Found], at: datetime, enough: float = math.inf) -> list[Lineage]:
    """All campaigns after a look at `at`: those known before, told again where they were, and the new ones.

    `enough` bits of evidence are an alarm, once for each campaign.
    """
    pairs = _overlaps(known, found)
    goes_on: dict[int, int] = {}  # of known → found
    taken: dict[int, int] = {}
    for before, now in pairs:
        if before not in goes_on and now not in taken:
            goes_on[before] = now
            taken[now] = before
    heirs = dict(reversed(pairs))  # the largest overlap of each, whether it was taken or not
    parents = {now: before for before, now in reversed(pairs)}
    new = {
        place: _new(one, at, known[parents[place]] if place in parents else None, known)
        for place, one in enumerate(found)
        if place not in taken
    }
    names = {place: known[before].campaign_id for place, before in taken.items()}
    names |= {place: one.campaign_id for place, one in new.items()}
    after = [
        _again(one, found[goes_on[place]], at)
        if place in goes_on
        else _gone(one, names[heirs[place]] if place in heirs else "", at)
        for place, one in enumerate(known)
    ]
    bits = {one.name: one.alarm_bits for one in found}
    return [_alarmed(one, bits.get(one.found_as, -math.inf), enough, at) for one in [*after, *new.values()]]


def _overlaps(known: Sequence[Lineage], found: Sequence[Found]) -> list[tuple[int, int]]:
    """Places of two that are one campaign by their accounts, the largest overlap first; one merged away is left out."""
    holders: dict[str, list[int]] = {}
    for place, one in enumerate(known):
        if not one.became:
            for account in one.accounts:
                holders.setdefault(account, []).append(place)
    pairs = []
    for number, now in enumerate(found):
        met = Counter(place for account in now.accounts for place in holders.get(account, ()))
        for place, accounts in met.items():
            if accounts >= SAME * min(len(now.accounts), len(known[place].accounts)):
                pairs.append((-accounts, place, number))
    return [(place, number) for _, place, number in sorted(pairs)]


def _new(one: Found, at: datetime, parent: Lineage | None, known: Iterable[Lineage]) -> Lineage:
    taken = {other.campaign_id for other in known}
    name, number = one.name, 2
    while name in taken:  # the name comes of an account, and may have been another campaign's
        name, number = f"{one.name}-{number}", number + 1
    accounts = f"{len(one.accounts):,} accounts"
    event = (
        Event(at, "found", accounts) if parent is None else Event(at, "split", f"{accounts} from {parent.campaign_id}")
    )
    return Lineage(name, at, one.accounts, len(one.accounts), at, one.name, events=(event,))


def _again(before: Lineage, now: Found, at: datetime) -> Lineage:
    events = before.events
    joined, left = len(now.accounts - before.accounts), len(before.accounts - now.accounts)
    if not before.found_as:
        days = (at - before.last_found).total_seconds() / 86_400
        events = (*events, Event(at, "found again", f"after {days:.1f} days, {len(now.accounts):,} accounts"))
    elif joined or left:
        told = [f"{joined:,} more accounts"] * (joined > 0) + [f"{left:,} fewer"] * (left > 0)
        events = (*events, Event(at, "grew" if joined >= left else "shrank", ", ".join(told)))
    return replace(before, accounts=now.accounts, last_found=at, found_as=now.name, events=events)


def _gone(before: Lineage, heir: str, at: datetime) -> Lineage:
    if heir and not before.became:
        return replace(before, found_as="", became=heir, events=(*before.events, Event(at, "merged", f"into {heir}")))
    if before.found_as:
        lost = Event(at, "lost", f"not found at this look; {len(before.accounts):,} accounts at the last")
        return replace(before, found_as="", events=(*before.events, lost))
    return before


def _alarmed(one: Lineage, bits: float, enough: float, at: datetime) -> Lineage:
    if one.alarmed_at is not None or bits < enough:
        return one
    event = Event(at, "alarm", f"{bits:.1f} bits of evidence, {enough:.1f} are enough")
    return replace(one, alarmed_at=at, events=(*one.events, event))
