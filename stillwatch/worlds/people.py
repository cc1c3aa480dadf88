"""Accounts: makes unrelated, ordinary ones; a group then changes what sets its members apart.

Everybody starts from the same draws, so what a group does not change says nothing about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import networks, shipped
from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import U64, mix, seed_of

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

PATHWAYS = ["self_serve", "startup", "education", "cloud", "security_research"]
PATHWAY_SHARES = [0.86, 0.05, 0.04, 0.03, 0.02]
CHANNELS = ("api", "console", "subscription", "cloud", "aggregator")
ADDRESS_MIXES = np.array(  # share of an account's sessions from each of its four addresses
    [
        [0.78, 0.14, 0.05, 0.03],  # home, phone, office, elsewhere
        [1.0, 0.0, 0.0, 0.0],  # one machine
        [0.25, 0.25, 0.25, 0.25],  # a rotating exit
        [0.6, 0.4, 0.0, 0.0],  # two addresses of one site
    ]
)
HOME, ONE, ROTATING, SITE = range(4)
NO_POOL, RESIDENTIAL = -1, -2  # instead of a pool: the account's own addresses; rented lines of homes
DAYS_BEFORE = 700.0  # days: the API of this world is two years old


@dataclass
class People:
    """One group's accounts, a number or key a row; key 0 means that the field is empty."""

    group: str
    campaign: str
    offset: int  # number of the first one among all accounts
    seed: U64
    created: F64  # days from the start of the window
    start: F64  # first traffic, days
    stop: F64  # last traffic, days
    banned: F64  # days, nan: never
    closed: F64
    role: npt.NDArray[np.str_]
    country: npt.NDArray[np.str_]
    zone: I32  # hours from UTC
    language: npt.NDArray[np.str_]
    pathway: npt.NDArray[np.str_]
    plan: npt.NDArray[np.str_]
    verification: npt.NDArray[np.str_]
    email: npt.NDArray[np.str_]  # grammar name of the address's pattern; empty: none
    org: U64
    batch: U64  # sign-ups made in one go: their addresses follow one pattern
    payment: U64
    payment_country: npt.NDArray[np.str_]
    device: U64
    phone: U64
    address: npt.NDArray[np.uint32]  # four a row
    address_mix: I32
    pool: I32  # number of a pool of exits that the four are drawn from anew every few days; or NO_POOL, RESIDENTIAL
    signup_address: npt.NDArray[np.uint32]
    client: npt.NDArray[np.int16]  # two a row
    channel: I32
    keys: I32  # API keys in use
    end_users: I32  # users below the account; 0: not passed on
    succeeds: U64  # seed of the banned account whose place it takes; 0: none

    def __len__(self) -> int:
        return len(self.seed)

    @property
    def index(self) -> I32:
        return np.arange(self.offset, self.offset + len(self), dtype=np.int32)


def ordinary(rng: np.random.Generator, group: str, size: int, offset: int, seed: int, campaign: str = "") -> People:
    """Accounts of strangers: own card, own device, own home, signed up some day in the last two years."""
    lands = shipped.read("people.yaml")
    names = np.array(list(lands))
    share = np.array([lands[name]["share"] for name in names], float)
    country = names[rng.choice(len(names), size, p=share / share.sum())]
    key = mix(np.arange(size) + 1, seed_of(seed, group, offset, "person") & 0xFFFFFFFF)
    created = 28.0 - DAYS_BEFORE * np.sqrt(rng.random(size))  # later months brought more sign-ups
    created = np.where(created > 27.0, -rng.random(size) * 60, created)
    address = np.empty((size, 4), np.uint32)
    zone, language = np.zeros(size, np.int32), np.full(size, "en", dtype="<U2")
    for name in names:
        here = np.flatnonzero(country == name)
        for slot in range(4):
            address[here, slot] = networks.addresses(rng, len(here), "access", name)
        zone[here] = rng.choice(lands[name]["zones"], len(here))
        language[here] = rng.choice(lands[name]["languages"], len(here))
    odd = rng.random((size, 2)) < 0.05  # people with a gateway of their own, or an agent
    client = np.stack([clients().pick(rng, size, "browser", "app", "sdk", "tool") for _ in range(2)], axis=1)
    other = np.stack([clients().pick(rng, size, "gateway", "agent") for _ in range(2)], axis=1)
    client = np.where(odd, other, client)
    travels = rng.random(size) < 0.05  # signed up at work, on a trip, over a VPN
    signup = np.where(travels, networks.addresses(rng, size, "exit"), address[:, 0])
    return People(
        group=group,
        campaign=campaign,
        offset=offset,
        seed=key,
        created=created,
        start=np.maximum(created + rng.exponential(0.2, size), 0.0),
        stop=np.full(size, np.inf),
        banned=np.full(size, np.nan),
        closed=np.full(size, np.nan),
        role=np.full(size, "ordinary", dtype="<U12"),
        country=country.astype("<U2"),
        zone=zone,
        language=language,
        pathway=rng.choice(PATHWAYS, size, p=PATHWAY_SHARES).astype("<U18"),
        plan=rng.choice(["pay_as_you_go", "pro", "max", "free"], size, p=[0.45, 0.35, 0.08, 0.12]).astype("<U14"),
        verification=rng.choice(["email", "phone", "payment", "none"], size, p=[0.3, 0.4, 0.28, 0.02]).astype("<U9"),
        email=rng.choice(
            ["email_person", "email_work", "email_throwaway", ""], size, p=[0.78, 0.17, 0.01, 0.04]
        ).astype("<U16"),
        org=np.where(rng.random(size) < 0.5, mix(key, "org"), 0).astype(np.uint64),
        batch=key.copy(),
        payment=np.where(rng.random(size) < 0.9, mix(key, "card"), 0).astype(np.uint64),
        payment_country=np.where(rng.random(size) < 0.04, rng.choice(names, size), country).astype("<U2"),
        device=np.where(rng.random(size) < 0.8, mix(key, "device"), 0).astype(np.uint64),
        phone=np.where(rng.random(size) < 0.55, mix(key, "phone"), 0).astype(np.uint64),
        address=address,
        address_mix=np.zeros(size, np.int32),
        pool=np.full(size, NO_POOL, np.int32),
        signup_address=signup.astype(np.uint32),
        client=client,
        channel=rng.choice(5, size, p=[0.5, 0.2, 0.27, 0.03, 0.0]).astype(np.int32),
        keys=(1 + rng.poisson(0.4, size)).astype(np.int32),
        end_users=np.zeros(size, np.int32),
        succeeds=np.zeros(size, np.uint64),
    )


def shared(
    rng: np.random.Generator, size: int, members: Sequence[int], share: float = 1.0
) -> tuple[I32, npt.NDArray[np.bool_]]:
    """Splits accounts at random into small sets of (fewest, most) members: each one's set, and who is in one at all."""
    fewest, most = members
    sizes = rng.integers(fewest, most + 1, size)
    labels = np.repeat(np.arange(size), sizes)[:size]
    return rng.permutation(labels).astype(np.int32), rng.random(size) < share


def in_common(
    rng: np.random.Generator, own: U64, members: Sequence[int], share: float, seed: int
) -> tuple[U64, npt.NDArray[np.bool_]]:
    """Keys that small sets of accounts have in common, such as cards of one batch; the others keep their own. And who does."""
    number, some = shared(rng, len(own), members, share)
    return np.where(some, mix(number + 1, seed & 0xFFFFFFFF), own).astype(np.uint64), some
