"""Newcomers who live, work, study or go out with somebody who was banned, for a campaign or for another reason; nothing more.

They look like successors: a housemate's card, device and line, a company's card and office, a campus exit, a VPN exit, and
some sign up within a day of the ban, because only now they need an account of their own. What they ask is their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.groups.individuals import private_lives
from stillwatch.worlds.people import HOME, I32, NO_POOL, ROTATING, People
from stillwatch.worlds.streams import Cast

KINDS = ("household", "employer", "campus", "vpn")
DOORS_A_CAMPUS = 3  # exits that students of one campus go out through


@dataclass(frozen=True)
class _Hosts:
    """Banned accounts, one a place."""

    of: list[People]
    place: I32  # in `of`
    row: I32  # there

    def value(self, name: str, chosen: I32) -> Any:
        """A column of the accounts at these places."""
        return np.array([getattr(self.of[self.place[one]], name)[self.row[one]] for one in chosen])

    def lines(self, chosen: I32) -> Any:
        """Where they live: the line that they signed up from, unless others did too; nobody lives behind a rented proxy."""
        every = np.concatenate([one.signup_address for one in self.of])
        lines, uses = np.unique(every, return_counts=True)
        signed = self.value("signup_address", chosen)
        alone = uses[np.searchsorted(lines, signed)] == 1
        return np.where(alone, signed, self.value("address", chosen)[:, 0])


def neighbours(cast: Cast, numbers: dict[str, Any]) -> None:
    total = cast.count(numbers)
    _banned_alone(cast, numbers, total)
    for reason in ("campaign", "other"):
        hosts = _hosts(cast, reason == "campaign")
        part = numbers["of_a_campaign"] if reason == "campaign" else 1.0 - numbers["of_a_campaign"]
        for kind in KINDS:
            size = max(1, round(total * part * numbers[f"in_{kind}"]))
            if len(hosts.row):
                _beside(cast, numbers, f"{kind}_{reason}", size, hosts)


def _banned_alone(cast: Cast, numbers: dict[str, Any], total: int) -> None:
    """People who were banned for what has nothing to do with a campaign: a charge that was taken back, unwanted mail."""
    random = cast.rng("neighbours", "banned")
    people = cast.add("banned_alone", max(4, round(total * numbers["banned_alone"])))
    private_lives(cast, people, random, {**numbers, "new_in_window": 0.2, "banned_for_other_reasons": 1.0})


def _hosts(cast: Cast, of_a_campaign: bool) -> _Hosts:
    of = [one for one in cast.people if bool(one.campaign) == of_a_campaign]
    banned = [np.flatnonzero(~np.isnan(one.banned) & (one.role != "victim")) for one in of]
    place = np.repeat(np.arange(len(of)), [len(one) for one in banned]).astype(np.int32)
    return _Hosts(of, place, np.concatenate([*banned, np.zeros(0, np.int64)]).astype(np.int32))


def _beside(cast: Cast, numbers: dict[str, Any], name: str, size: int, hosts: _Hosts) -> None:
    kind = name.partition("_")[0]
    random = cast.rng("neighbours", name)
    people = cast.add(name, size)
    places = max(1, round(size / numbers[f"newcomers_a_{kind}"]))
    known = random.choice(len(hosts.row), min(places, len(hosts.row)), replace=False)
    host = known[random.integers(0, len(known), size)]
    people.pool[:] = NO_POOL
    _comings(cast, people, random, numbers, hosts.value("banned", host))
    if kind == "campus":
        _on_campus(people, random, numbers, hosts, host)
    elif kind == "vpn":
        people.pool[:] = cast.public_exits
        people.address_mix[:] = ROTATING
        exits = cast.pools[cast.public_exits]
        people.signup_address = exits[random.integers(0, len(exits), size)].astype(np.uint32)
    else:
        _under_one_roof(people, random, numbers, hosts, host, kind)


def _comings(cast: Cast, people: People, random: np.random.Generator, numbers: dict[str, Any], banned: Any) -> None:
    """After the ban of whom they live beside: some at once, the others whenever they like."""
    size = len(people)
    private_lives(cast, people, random, numbers)
    left = np.maximum(cast.days - 0.5 - banned, 0.02)
    soon = random.random(size) < numbers["within_a_day_of_the_ban"]
    people.created = banned + np.where(soon, np.minimum(random.random(size), left), random.random(size) * left)
    people.start = people.created + random.exponential(0.1, size)
    people.banned[:] = np.nan
    people.closed[:] = np.nan
    people.stop[:] = np.inf
    mine = {stream.name: stream for stream in cast.streams if stream.name.startswith(f"{people.group} ")}
    for stream in mine.values():  # drawn before they were known to come so late
        stream.start, stream.stop = people.start[stream.accounts - people.offset], np.full(len(stream.accounts), np.inf)


def _under_one_roof(
    people: People, random: np.random.Generator, numbers: dict[str, Any], hosts: _Hosts, host: I32, kind: str
) -> None:
    size = len(people)
    line = hosts.lines(host)
    people.country, people.zone = hosts.value("country", host), hosts.value("zone", host)
    people.address[:, 0], people.address_mix[:] = line, HOME
    at_home = random.random(size) < numbers["sign_up_there"]
    people.signup_address = np.where(at_home, line, people.signup_address).astype(np.uint32)
    for value in ("payment", "device"):
        same = random.random(size) < numbers[f"same_{value}_in_{kind}"]
        setattr(people, value, np.where(same, hosts.value(value, host), getattr(people, value)).astype(np.uint64))
    people.payment_country = people.country.copy()


def _on_campus(people: People, random: np.random.Generator, numbers: dict[str, Any], hosts: _Hosts, host: I32) -> None:
    """The banned one was a student too, and had signed up there; some machines are shared."""
    for one in np.unique(host):
        here = np.flatnonzero(host == one)
        doors = networks.neighbours(random, DOORS_A_CAMPUS, "campus", None, 1)
        hosts.of[hosts.place[one]].signup_address[hosts.row[one]] = doors[0]
        chosen = doors[random.integers(0, DOORS_A_CAMPUS, len(here))]
        people.address[here, 0], people.signup_address[here] = chosen, chosen
    people.address_mix[:] = HOME
    people.pathway[:], people.plan[:] = "education", "free"
    people.email[:], people.batch = "email_campus", (host + 1).astype(np.uint64)
    machine = random.random(len(people)) < numbers["on_lab_machines"]
    people.device = np.where(machine, hosts.value("device", host), people.device).astype(np.uint64)
