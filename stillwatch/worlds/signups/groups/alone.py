"""People who sign up for themselves: at home, behind a mobile operator's address, abroad, behind a VPN, in a household."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.signups import hours, lands
from stillwatch.worlds.signups.groups.habits import (
    banned,
    begin,
    by_phone,
    mail,
    on_trips,
    over_vpn,
    pay,
    resist,
    shared_key,
    some,
    students,
)
from stillwatch.worlds.signups.newcomers import Crowd, Flags, Newcomers


def individuals(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Everything of their own; a few on a trip, over a VPN, with a virtual card, a forwarding or a throwaway address."""
    rng, them = crowd.rng("individuals"), crowd.strangers("individuals", crowd.count(numbers))
    by_themselves(crowd, rng, them, numbers)
    _come_again(crowd, rng, them, some(rng, len(them) // 2, 2 * numbers["second_accounts"]))


def by_themselves(crowd: Crowd, rng: np.random.Generator, them: Newcomers, numbers: dict[str, Any]) -> None:
    """What people do who sign up for themselves."""
    size, people = len(them), them.people
    pay(rng, them, numbers["paying"])
    mail(
        rng, crowd, them, work=numbers["work_mail"], relay=numbers["relay"],
        own=numbers["own_domain"], throwaway=numbers["throwaway"],
    )  # fmt: skip
    students(rng, them, some(rng, size, numbers["students"]))
    by_phone(rng, crowd, them, some(rng, size, numbers["plain_phones"]))
    on_trips(rng, them, some(rng, size, numbers["trips"]))
    over_vpn(rng, crowd, them, some(rng, size, numbers["vpn"]))
    remote = some(rng, size, numbers["hosting"])  # a desktop in a cloud, a tunnel to one's own server
    people.signup_address[remote] = networks.addresses(rng, int(remote.sum()), "hosting")
    them.voip, them.virtual = some(rng, size, numbers["voip"]), some(rng, size, numbers["virtual"])
    abroad = some(rng, size, numbers["foreign_cards"])
    people.payment_country = np.where(abroad, rng.permutation(people.country), people.payment_country)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def _come_again(crowd: Crowd, rng: np.random.Generator, them: Newcomers, who: Flags) -> None:
    """Some sign up twice: one account for work, or a way in that they forgot. Same machine and line, another mailbox."""
    old = np.flatnonzero(who)
    new, people = old + len(them) // 2, them.people
    for field in (people.country, people.zone, people.device, people.signup_address, people.payment_country):
        field[new] = field[old]
    for told in (them.browser, them.locale, them.timezone, them.names, them.phone_country, them.virtual):
        told[new] = told[old]
    same_card = (rng.random(len(old)) < 0.6) & (people.payment[new] != 0)
    people.payment[new[same_card]] = people.payment[old[same_card]]
    same_phone = (rng.random(len(old)) < 0.5) & (people.phone[new] != 0)
    people.phone[new[same_phone]] = people.phone[old[same_phone]]
    them.voip[new] = them.voip[old]
    people.created[new] = hours.within(
        rng, people.created[old] + rng.exponential(4.0, len(old)), people.created[old], crowd.days
    )
    begin(rng, crowd, them)
    people.banned[new], people.closed[new] = np.nan, np.nan


def households(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Two to five at one address, with one card or one machine at times, within days of each other."""
    rng, them = crowd.rng("households"), crowd.strangers("households", crowd.count(numbers))
    size, people = len(them), them.people
    home = hours.teams(rng, size, numbers["members"])
    first = hours.leads(home)
    _as_the_first(them, first)
    day = np.floor(people.created[first] + rng.exponential(numbers["within_days"], size))
    people.created = np.where(day < crowd.days, day + people.created % 1.0, people.created)
    pay(rng, them, numbers["paying"])
    together = some(rng, size, numbers["same_address"])
    people.signup_address = np.where(together, people.address[first, 0], people.signup_address).astype(np.uint32)
    card = some(rng, size, numbers["same_card"]) & (people.payment != 0)
    people.payment = np.where(card, shared_key(crowd, home, "family card"), people.payment).astype(np.uint64)
    machine = some(rng, size, numbers["same_device"])
    people.device = np.where(machine, shared_key(crowd, home, "family machine"), people.device).astype(np.uint64)
    them.browser = np.where(machine, them.browser[first], them.browser).astype(np.int16)
    by_phone(rng, crowd, them, some(rng, size, 0.12) & ~machine)
    mail(rng, crowd, them, work=0.05, relay=0.03, own=0.02, throwaway=0.01)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def _as_the_first(them: Newcomers, first: np.ndarray[Any, Any]) -> None:
    """Country, zone, clock, language and names as of one's first."""
    people = them.people
    people.country, people.zone = people.country[first], people.zone[first]
    people.payment_country = people.country.copy()
    them.locale, them.timezone, them.names = them.locale[first], them.timezone[first], them.names[first]
    them.phone_country = people.country.copy()
    people.signup_address = people.address[first, 0].copy()


def phones(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Behind a mobile operator's address with strangers; some roam."""
    rng, them = crowd.rng("phones"), crowd.strangers("phones", crowd.count(numbers))
    size = len(them)
    pay(rng, them, numbers["paying"])
    mail(rng, crowd, them, work=0.04, relay=0.05, own=0.01, throwaway=0.012)
    by_phone(rng, crowd, them, np.ones(size, bool))
    on_trips(rng, them, some(rng, size, numbers["away"]))
    them.voip = some(rng, size, 0.01)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def migrants(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Live in one country; phone, card or language are of the one they come from."""
    rng, them = crowd.rng("migrants"), crowd.strangers("migrants", crowd.count(numbers))
    size, people = len(them), them.people
    pay(rng, them, numbers["paying"])
    names, share = lands.countries()
    origin = names[rng.choice(len(names), size, p=share)]
    them.phone_country = np.where(some(rng, size, numbers["old_phone"]), origin, people.country).astype("<U2")
    people.payment_country = np.where(some(rng, size, numbers["old_card"]), origin, people.country).astype("<U2")
    language = some(rng, size, numbers["old_language"])
    for name in names:
        here = np.flatnonzero(origin == name)
        them.names[here] = lands.land(str(name))["names"]
        at = here[language[here]]
        them.locale[at] = lands.drawn(rng, len(at), str(name), "locales")
        them.host[here] = lands.drawn(rng, len(here), str(name), "hosts")
    by_phone(rng, crowd, them, some(rng, size, 0.35))
    mail(rng, crowd, them, work=0.08, relay=0.02, own=0.01, throwaway=0.012)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def privacy_minded(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Behind a VPN or Tor, with a virtual card, a forwarding address, and a browser that tells nothing."""
    _careful(crowd, "privacy_minded", numbers)


def researchers(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """People of the security research programme: some from a rented server, some behind a VPN."""
    them = _careful(crowd, "researchers", numbers)
    rng, size = crowd.rng("researchers", "place"), len(them)
    remote = some(rng, size, numbers["hosting"])
    them.people.signup_address[remote] = networks.addresses(rng, int(remote.sum()), "hosting")
    them.people.pathway[:] = "security_research"


def _careful(crowd: Crowd, group: str, numbers: dict[str, Any]) -> Newcomers:
    rng, them = crowd.rng(group), crowd.strangers(group, crowd.count(numbers))
    size, people = len(them), them.people
    pay(rng, them, numbers["paying"])
    mail(
        rng, crowd, them, work=numbers.get("work_mail", 0.05), relay=numbers["relay"],
        own=numbers["own_domain"], throwaway=numbers["throwaway"],
    )  # fmt: skip
    over_vpn(rng, crowd, them, some(rng, size, numbers["vpn"]))
    onion = some(rng, size, numbers.get("tor", 0.01))
    people.signup_address[onion] = crowd.tor[rng.integers(0, len(crowd.tor), int(onion.sum()))]
    resist(rng, them, some(rng, size, numbers["resists"]) | onion)
    them.voip, them.virtual = some(rng, size, numbers["voip"]), some(rng, size, numbers["virtual"])
    people.device[some(rng, size, numbers.get("no_device", 0.2))] = 0
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])
    return them
