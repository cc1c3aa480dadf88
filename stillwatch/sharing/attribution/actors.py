"""What a provider keeps of actors that it knows: made by its own analysts, none comes with the package.

Where somebody comes from is no part of it: a campaign is told by what it does, and a nation has no indicators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from stillwatch.evidence import CAPABILITIES

# Admiralty code (NATO AJP-2.1): how reliable a source has been, and how credible this piece is. As the chance that what it
# says is right; "cannot be judged" (F, 6) counts as doubtful, else leaving it out would be worth more than a bad grade.
RELIABILITY = {"A": 0.95, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.2, "F": 0.4}
CREDIBILITY = {"1": 0.95, "2": 0.8, "3": 0.6, "4": 0.4, "5": 0.2, "6": 0.4}
GRADES = re.compile(r"[A-F][1-6]")

# Types of LOG_INDICATORS, and two that only tell what a client says of itself.
TYPES = (
    "ipv4-addr", "ipv6-addr", "domain-name", "email-addr", "payment", "device", "phone", "tls", "template",
    "headers", "user-agent",
)  # fmt: skip

# Fields by which rows would say where somebody comes from. A row that has one is refused, whatever it holds.
NEVER = frozenset({
    "country", "countries", "nation", "nationality", "citizenship", "ethnicity", "state", "state_sponsor", "government",
    "homeland", "locale", "language", "languages", "region", "passport", "residence",
})  # fmt: skip

OTHERS = ("network", "unknown", "honest")  # hypotheses that are no actor; none may be called so
ID = re.compile(r"[a-z][a-z0-9-]{0,62}")


def right(grade: str) -> float:
    """The chance that something of this grade is right: the worse of its two halves."""
    return min(RELIABILITY[grade[0]], CREDIBILITY[grade[1]])


@dataclass(frozen=True)
class Indicator:
    """A value that an actor, or a network, was seen with."""

    type: str  # one of TYPES
    value: str  # in the open; it is compared as a pseudonym
    source: str  # who says so; what one source says is no second opinion on itself
    grade: str  # Admiralty code, such as B2
    valid_from: date | None = None
    valid_until: date | None = None
    campaign: str = ""  # the campaign that it was taken from: says nothing about that one again

    def holds(self, on: date) -> bool:
        """Whether it stands on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )


@dataclass(frozen=True)
class Release:
    """A model that an actor made public."""

    model: str
    day: date
    source: str  # where it was read: a blog, a registry of models, a press report
    capabilities: tuple[str, ...] = ()  # what it was said to be good at; none: everything


@dataclass(frozen=True)
class Earlier:
    """A campaign that was laid to an actor before, and the file that has its templates."""

    campaign: str
    templates: str  # OUT/templates.parquet of that scan


@dataclass(frozen=True)
class Actor:
    """One that a campaign may be laid to. `name` is shown to nobody before two persons have said so."""

    id: str  # the placeholder that assessments show
    name: str
    source: str
    grade: str
    reviewed: date | None = None
    aliases: tuple[str, ...] = ()
    sought: tuple[str, ...] = ()  # of CAPABILITIES
    indicators: tuple[Indicator, ...] = ()
    releases: tuple[Release, ...] = ()
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True)
class Network:
    """Infrastructure that several rent: what it shows speaks for each tenant, and for others whom nobody knows."""

    id: str
    tenants: tuple[str, ...]  # ids of actors known to use it
    source: str
    grade: str
    reviewed: date | None = None
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True)
class Corroboration:
    """What a partner says of a campaign from its own platform."""

    campaign: str
    actor: str
    source: str  # the partner
    grade: str
    origin: str  # who saw it first: two partners who have it from one hand are one voice


@dataclass(frozen=True)
class SetAside:
    """A row that was not used."""

    where: str  # actors[2].indicators[0]
    why: str


@dataclass(frozen=True)
class Library:
    """All that is kept, and what of the file was not used."""

    actors: tuple[Actor, ...] = ()
    networks: tuple[Network, ...] = ()
    corroborations: tuple[Corroboration, ...] = ()
    aside: tuple[SetAside, ...] = field(default=(), compare=False)

    def listed(self) -> Iterator[tuple[str, bool, Indicator]]:
        """Every indicator: whose it is, whether that is a network, and the indicator."""
        for actor in self.actors:
            yield from ((actor.id, False, one) for one in actor.indicators)
        for network in self.networks:
            yield from ((network.id, True, one) for one in network.indicators)

    def by_id(self) -> Mapping[str, Actor]:
        """Actors by their ids."""
        return {one.id: one for one in self.actors}


def known_capabilities(names: tuple[str, ...]) -> bool:
    """Whether a scan knows them all."""
    return all(name in CAPABILITIES for name in names)
