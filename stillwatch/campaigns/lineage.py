"""Campaigns through time: which of those found now is one that was found before, and what became of the others.

A campaign is told again by its accounts: it goes on where one found now holds half of the smaller of the two. Where several
were one before, the larger part keeps the name; where several become one, the name of the one that gives it most accounts
stays. That is how communities are followed through snapshots in general (Greene, Doyle, Cunningham, "Tracking the evolution
of communities in dynamic social networks", ASONAM 2010), with the overlap of the smaller instead of Jaccard's index: a
campaign grows a hundredfold while it is uncovered.

One that was lost, all its accounts banned and forgotten, is told again by its templates: they were hardly anybody else's,
so who sends half the same words in the same order later goes on with them. Innocent when: a campaign left a prompt behind
that others took up; hence it is an event to read, and nobody is counted to a campaign because of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SAME = 0.5  # share of the smaller's accounts in the larger, from which two are one: with less, most are others'
SAME_WORDS = 0.5  # share of the marks of one found now that one lost had, from which it is that one: most of them
FEWEST_MARKS = 8  # fingerprints, below which two may have a turn of phrase in common
MOST_MARKS = 20_000  # kept of a campaign: a thousand templates; it rewords them, and returns with old ones
DORMANT = timedelta(days=3)  # without a harvested exchange, from which a campaign sleeps: longer than a weekend


@dataclass(frozen=True)
class Found:
    """A campaign of one look: its name there and its accounts."""

    name: str
    accounts: frozenset[str]
    alarm_bits: float = 0.0  # evidence, as alarms weigh it
    marks: frozenset[int] = frozenset()  # fingerprints of its own templates
    last_harvest: datetime | None = None


@dataclass(frozen=True)
class Event:
    at: datetime
    what: str  # found, grew, shrank, split, merged, lost, found again, returned, dormant, active again, alarm
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
    marks: frozenset[int] = frozenset()  # fingerprints of its own templates, of all looks
    last_harvest: datetime | None = None
    dormant: bool = False
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
    returned = _returned(known, found, goes_on, taken)
    goes_on |= {before: now for before, now, _ in returned}
    taken |= {now: before for before, now, _ in returned}
    alike = {before: share for before, _, share in returned}
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
        _again(one, found[goes_on[place]], at, alike.get(place))
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


def _returned(
    known: Sequence[Lineage], found: Sequence[Found], goes_on: Mapping[int, int], taken: Mapping[int, int]
) -> list[tuple[int, int, float]]:
    """Places of one lost and one found now under other accounts, and the share of words in common; each at most once."""
    lost = [place for place, one in enumerate(known) if not one.became and place not in goes_on and one.marks]
    pairs = sorted(
        (-len(one.marks & known[place].marks) / len(one.marks), place, number)
        for number, one in enumerate(found)
        if number not in taken and len(one.marks) >= FEWEST_MARKS
        for place in lost
    )
    told: list[tuple[int, int, float]] = []
    for share, place, number in pairs:
        if -share >= SAME_WORDS and all(place != before and number != now for before, now, _ in told):
            told.append((place, number, -share))
    return told


def _new(one: Found, at: datetime, parent: Lineage | None, known: Iterable[Lineage]) -> Lineage:
    taken = {other.campaign_id for other in known}
    name, number = one.name, 2
    while name in taken:  # the name comes of an account, and may have been another campaign's
        name, number = f"{one.name}-{number}", number + 1
    accounts = f"{len(one.accounts):,} accounts"
    event = (
        Event(at, "found", accounts) if parent is None else Event(at, "split", f"{accounts} from {parent.campaign_id}")
    )
    return Lineage(
        name,
        at,
        one.accounts,
        len(one.accounts),
        at,
        one.name,
        events=(event,),
        marks=one.marks,
        last_harvest=one.last_harvest,
    )


def _again(before: Lineage, now: Found, at: datetime, alike: float | None) -> Lineage:
    """`alike` is the share of words in common, of one that is found under other accounts."""
    events = before.events
    joined, left = len(now.accounts - before.accounts), len(before.accounts - now.accounts)
    if alike is not None:
        text = f"under {joined:,} other accounts; {alike:.0%} of the words of its templates are the same"
        events = (*events, Event(at, "returned", text))
    elif not before.found_as:
        days = (at - before.last_found).total_seconds() / 86_400
        events = (*events, Event(at, "found again", f"after {days:.1f} days, {len(now.accounts):,} accounts"))
    elif joined or left:
        told = [f"{joined:,} more accounts"] * (joined > 0) + [f"{left:,} fewer"] * (left > 0)
        events = (*events, Event(at, "grew" if joined >= left else "shrank", ", ".join(told)))
    sleeps = now.last_harvest is not None and at - now.last_harvest >= DORMANT
    if sleeps and not before.dormant:
        events = (*events, Event(at, "dormant", f"nothing harvested for {_days(at, now.last_harvest)} days"))
    if before.dormant and not sleeps:
        events = (*events, Event(at, "active again", f"after {_days(now.last_harvest, before.last_harvest)} days"))
    return replace(
        before,
        accounts=now.accounts,
        last_found=at,
        found_as=now.name,
        events=events,
        marks=frozenset(sorted(now.marks | before.marks)[:MOST_MARKS]),
        last_harvest=now.last_harvest,
        dormant=sleeps,
    )


def _days(later: datetime | None, earlier: datetime | None) -> str:
    return "some" if later is None or earlier is None else f"{(later - earlier).total_seconds() / 86_400:.1f}"


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
