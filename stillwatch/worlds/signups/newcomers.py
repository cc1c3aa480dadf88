"""Accounts that sign up: makes unrelated, ordinary ones from the same people as all worlds; a group changes what sets it apart.

Everybody starts from the same draws, so what a group does not change says nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import networks
from stillwatch.worlds.dice import U64, mix, rng, seed_of
from stillwatch.worlds.networks import Addresses
from stillwatch.worlds.people import F64, People, ordinary
from stillwatch.worlds.prose import seeds_for, texts
from stillwatch.worlds.signups import browsers, hours, lands
from stillwatch.worlds.signups.lands import Texts

Flags = npt.NDArray[np.bool_]
CLOUD = 0.03  # share of sign-ups that come through a cloud's marketplace
SPOOFS = 0.004  # share whose browser says it is another one, by an extension
NEW_MAILBOXES = 0.06  # share opened for this, or not long before
OLDEST_MAILBOX = 5_500.0  # days that providers of such facts look back
TAILS = (
    ".com",
    ".com",
    ".com",
    ".com",
    ".io",
    ".ai",
    ".ai",
    ".co",
    ".dev",
    ".net",
    ".org",
    ".tech",
    ".app",
    ".xyz",
    ".me",
    ".online",
    ".site",
    ".store",
    ".education",
)


@dataclass
class Newcomers:
    """One group's sign-ups: who they are, and what a sign-up tells beside."""

    people: People
    locale: Texts
    timezone: Texts
    names: Texts  # phrase book of its names
    local: Texts  # grammar name of what stands before the @; empty: no mail address
    host: Texts  # what stands behind it
    mailbox_age: F64  # days at sign-up
    domain_age: F64  # days at the start of the window; nan: an old host of the public
    phone_country: Texts
    block: U64  # a seller's or firm's block of numbers; 0: any number of the country
    voip: Flags
    virtual: Flags  # its card is of an issuer of virtual ones
    issuer: Texts  # whose card it is; empty: any issuer of the card's country
    browser: npt.NDArray[np.int16]
    stack: Texts  # whose TLS it sends; empty: the browser's own
    first: F64  # first exchange, days from the start; nan: none in the window
    operator: Texts  # empty: honest

    def __len__(self) -> int:
        return len(self.people)


@dataclass
class Crowd:
    """Everybody who signs up in a world, and what they share: VPN exits, mobile operators' addresses."""

    seed: int
    scale: float
    numbers: dict[str, Any]
    groups: list[Newcomers] = field(default_factory=list)
    declared: list[tuple[str, int, str]] = field(default_factory=list)  # kind, organisation key, owner
    rents: list[tuple[Newcomers, Texts]] = field(default_factory=list)  # who waits for lines of homes, in which country

    def rng(self, *words: str | int) -> np.random.Generator:
        return rng(self.seed, "signups", *words)

    def key(self, *words: str | int) -> int:
        """A key that belongs to nobody else."""
        return seed_of(self.seed, "signups", *words) & 0xFFFFFFFF

    @property
    def days(self) -> int:
        return int(self.numbers["days"])

    def count(self, numbers: dict[str, Any]) -> int:
        return max(1, round(numbers["accounts"] * self.scale))

    @cached_property
    def exits(self) -> Addresses:
        """Exits of VPNs that anybody may rent, honest or not."""
        customers = 11_000 * self.scale  # sign-ups over VPNs at full scale
        return networks.addresses(self.rng("exits"), max(8, int(customers / self.world["people_an_exit"])), "exit")

    @cached_property
    def tor(self) -> Addresses:
        return networks.addresses(self.rng("tor"), max(4, int(self.world["tor_exits"] * self.scale**0.5)), "hosting")

    @cached_property
    def carriers(self) -> dict[str, Addresses]:
        """Addresses of mobile operators by country: many phones behind each."""
        random, size = self.rng("carriers"), 60_000 * self.scale / self.world["phones_a_carrier_address"]
        return {
            str(one): networks.addresses(random, max(2, int(size * share)), "access", str(one))
            for one, share in zip(*lands.countries(), strict=True)
        }

    @property
    def world(self) -> dict[str, Any]:
        return dict(self.numbers["world"])

    def brands(self, keys: U64, tails: tuple[str, ...] = TAILS) -> Texts:
        """A firm's domain for each key: the same key has the same one."""
        book = lands.grammar()
        distinct, place = np.unique(keys, return_inverse=True)
        starts = np.full(len(distinct), book.symbol("brand_name"))
        names = np.array(
            texts(book, starts, seeds_for(len(distinct), frame=mix(distinct, "brand"))).to_pylist(), np.str_
        )
        ends = np.array(tails)[(mix(distinct, "tail") % np.uint64(len(tails))).astype(int)]
        return np.asarray(np.char.add(names, ends)[place])

    def strangers(self, group: str, size: int, *words: str | int) -> Newcomers:
        """Ordinary sign-ups of the window: own card, own device, own home, at an hour of their own day."""
        random = self.rng(group, *words)
        offset = sum(len(one) for one in self.groups)
        people = ordinary(random, group, size, offset, self.seed)
        people.org[:] = 0
        people.pathway = np.where(random.random(size) < CLOUD, "cloud", "self_serve").astype("<U18")
        people.signup_address = people.address[:, 0].copy()
        people.payment_country = people.country.copy()
        people.created = hours.moments(random, people.zone, self.days)
        them = Newcomers(
            people,
            locale=np.full(size, "", "<U8"),
            timezone=np.full(size, "", "<U20"),
            names=np.full(size, "en", "<U2"),
            local=np.full(size, "person", "<U12"),
            host=np.full(size, "", "<U48"),
            mailbox_age=np.minimum(random.lognormal(np.log(1200.0), 1.1, size), OLDEST_MAILBOX),
            domain_age=np.full(size, np.nan),
            phone_country=people.country.copy(),
            block=np.zeros(size, np.uint64),
            voip=np.zeros(size, bool),
            virtual=np.zeros(size, bool),
            issuer=np.full(size, "", "<U12"),
            browser=browsers.pick(random, size),
            stack=np.where(
                random.random(size) < SPOOFS, browsers.stacks()[browsers.pick(random, size, "desktop")], ""
            ).astype("<U16"),
            first=np.full(size, np.nan),
            operator=np.full(size, "", "<U12"),
        )
        at_home(random, them, np.arange(size))
        fresh = random.random(size) < NEW_MAILBOXES
        them.mailbox_age = np.where(fresh, random.lognormal(np.log(3.0), 2.2, size), them.mailbox_age)
        self.groups.append(them)
        return them


def at_home(random: np.random.Generator, them: Newcomers, rows: npt.NDArray[np.int64]) -> None:
    """Clock, language, names and mail host as in the country they live in."""
    country = them.people.country[rows]
    for name in np.unique(country):
        here = rows[country == name]
        them.locale[here] = lands.drawn(random, len(here), str(name), "locales")
        them.host[here] = lands.drawn(random, len(here), str(name), "hosts")
        them.timezone[here] = lands.clocks(random, them.people.zone[here], str(name))
        them.names[here] = lands.land(str(name))["names"]
    them.phone_country[rows] = country


def moved(random: np.random.Generator, them: Newcomers, country: Texts) -> None:
    """Everybody lives in these countries instead, with a home, a card, a clock and a language of there."""
    people = them.people
    people.country = country.astype("<U2")
    people.payment_country = people.country.copy()
    for name in np.unique(country):
        here = np.flatnonzero(country == name)
        people.zone[here] = random.choice(lands.people_of(str(name))["zones"], len(here))
        people.address[here, 0] = networks.addresses(random, len(here), "access", str(name))
    people.signup_address = people.address[:, 0].copy()
    at_home(random, them, np.arange(len(them)))
