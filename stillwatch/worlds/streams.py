"""Streams: who sends what sort of request how often, and when; the plan of a world before any row is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.dice import rng, seed_of
from stillwatch.worlds.people import F64, I32, NO_POOL, ROTATING, People, ordinary, shared


@dataclass(frozen=True)
class Kind:
    """One sort of request: which phrases make its texts, and what it counts as in the labels."""

    prompt: str  # grammar name of a first turn
    weight: float = 1.0
    follow: str = ""  # of later turns; empty: the same again
    system: str = ""
    tools: str = ""
    frame: int = 0  # seed of what was written once and is sent each time
    items: int = 0  # how many different items there are; 0: every conversation has its own
    items_change: float = 7.0  # days until another set of items
    harvested: bool = False
    capability: str = ""  # what a harvest is after; with a deck of real rows, each row tells its own
    from_day: float = 0.0  # not sent earlier
    replays: bool = False  # redeems reasoning tokens kept from other sessions
    refused: float = 0.0  # share that the provider refuses to answer
    long_context: bool = False  # tokens as of agents, not of chats
    owner: str = ""  # the campaign whose share of the phrases it is written with
    deck: str = ""  # grammar name of real rows, dealt one by one to all kinds that name it
    again: str = ""  # grammar name for a row that is dealt once more


@dataclass(frozen=True)
class Move:
    """How users go over to a new model: in the end this share, with this many days' half-way constant."""

    share: float
    days: float
    by_request: bool = False  # a queue moves request by request, people one by one


@dataclass(frozen=True)
class Again:
    """What a client does about a request that failed, once: shares of the requests that failed so."""

    same: float = 0.0  # limited or overloaded: sent again on the same account
    house: float = 0.0  # overloaded: taken over by another account of the organisation, where there is one
    pool: float = 0.0  # limited or refused: taken over by another account that the stream goes through
    seconds: tuple[float, float] = (0.0, 0.0)  # soonest and latest

    @property
    def never(self) -> bool:
        return self.same == self.house == self.pool == 0.0


@dataclass
class Stream:
    """Traffic of some accounts; all that a campaign harvests is in streams of its own."""

    name: str
    accounts: I32  # numbers among all accounts
    rate: F64  # exchanges a day
    start: F64
    stop: F64
    kinds: list[Kind]
    campaign: str = ""  # whose accounts they are; empty: ordinary ones
    rhythm: str = "human"  # human, office, flat, jobs
    turns: float = 1.0  # mean turns a conversation
    gap: float = 90.0  # seconds between turns, median
    burst: float = 1.0  # shape of day-to-day volume: smaller is more uneven
    move: Move = field(default_factory=lambda: Move(0.35, 4.0))
    mini: float = 0.25  # share of accounts, or of a queue's requests, on the small model
    queue: I32 | None = None  # which job queue each account serves, for rhythm "jobs"
    round_robin: bool = False
    shifts: int = 1  # parts of a queue's pool that take turns, a few hours each
    sessions_logged: float = 0.7  # share of conversations that carry a session id
    temperatures: tuple[float, ...] = (1.0, 1.0, 0.7, 0.2, 0.8, 0.6)
    max_tokens: tuple[int, ...] = (1024, 2048, 4096, 8192)
    streamed: float = 0.6  # share
    typos: float = 0.25  # share of prompts with a slip
    pool: int = NO_POOL  # sent from this pool of exits instead of the accounts' own addresses
    client: int = -1  # and by this client instead of theirs
    churn: float = 2.0  # days an account keeps its draw from a pool of exits
    again: Again = field(default_factory=Again)


@dataclass
class Cast:
    """Everybody in a world, their streams, and the pools of exits that some share."""

    seed: int
    scale: float
    days: int
    phrases: frozenset[str]  # names that texts can be made from; those with real prompts only when these are given
    released: float = 0.0  # day of the model release, from the start of the window
    people: list[People] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    pools: list[npt.NDArray[np.uint32]] = field(default_factory=list)
    refused: float = 0.0  # share of anybody's requests that a filter turns away, rightly or not
    paraphrased: bool = False  # each campaign account has templates of its own, worded anew for each request
    public_exits: int = -1  # number of the pool of VPN exits that anybody may rent
    declared: list[tuple[str, int | str, str]] = field(default_factory=list)  # kind, organisation key or prefix, owner

    @property
    def size(self) -> int:
        """How many accounts there are."""
        return sum(len(one) for one in self.people)

    def rng(self, *words: str | int) -> np.random.Generator:
        return rng(self.seed, *words)

    def frame(self, *words: str | int) -> int:
        """The seed of a text that somebody wrote once."""
        return seed_of(self.seed, "frame", *words)

    def count(self, numbers: dict[str, Any], what: str = "accounts") -> int:
        """How many at this scale, and never fewer than `at_least`."""
        return max(int(numbers["at_least"]), round(numbers[what] * self.scale))

    def add(self, group: str, size: int, campaign: str = "") -> People:
        """That many unrelated accounts, for a group to change."""
        offset = self.size
        people = ordinary(self.rng("people", group, offset), group, size, offset, self.seed, campaign)
        self.people.append(people)
        return people

    def pool(self, addresses: npt.NDArray[np.uint32]) -> int:
        self.pools.append(addresses)
        return len(self.pools) - 1

    def cells(
        self,
        people: People,
        random: np.random.Generator,
        members: Sequence[int],
        exits: Callable[[int], npt.NDArray[np.uint32]],
    ) -> I32:
        """Splits accounts into small sets, each with a pool of exits that `exits` draws for its size; returns the sets."""
        cell, _ = shared(random, len(people), members)
        for number in np.unique(cell):
            here = np.flatnonzero(cell == number)
            people.pool[here] = self.pool(exits(len(here)))
        people.address_mix[:] = ROTATING
        return cell

    def stream(
        self,
        name: str,
        people: People,
        rate: F64,
        kinds: list[Kind],
        members: npt.NDArray[np.bool_] | None = None,
        **rest: Any,
    ) -> Stream:
        """Traffic of all, or of some, of a group's accounts."""
        some = np.ones(len(people), bool) if members is None else members
        stream = Stream(
            name, people.index[some], rate[some], people.start[some], people.stop[some], kinds, people.campaign, **rest
        )
        self.streams.append(stream)
        return stream

    @property
    def harvests(self) -> list[Stream]:
        """The streams that campaigns harvest through."""
        return [one for one in self.streams if any(kind.harvested for kind in one.kinds)]

    def harvest(self, owner: str, prompt: str, weight: float, capability: str = "", **rest: Any) -> Kind:
        """A sort of request of a harvest, from a template that its owner wrote once."""
        frame = self.frame(owner, prompt)
        return Kind(prompt, weight, frame=frame, harvested=True, owner=owner, capability=capability, **rest)

    def word(self, real: str, made: str) -> str:
        """The name of real prompts when they are given, else that of our own phrases."""
        return real if real in self.phrases else made


def heavy(rng: np.random.Generator, size: int, mean: float, sigma: float) -> F64:
    """Heavy-tailed daily rates with exactly this mean, as lognormal draws; the tail is cut at 60 times the mean."""
    drawn = np.minimum(rng.lognormal(0.0, sigma, size), 60.0 * np.exp(sigma**2 / 2))
    return drawn * (mean / drawn.mean())


Group = Callable[[Cast, dict[str, Any]], None]  # adds the accounts and streams of its numbers
