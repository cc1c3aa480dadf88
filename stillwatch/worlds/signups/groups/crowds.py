"""Strangers who sign up together: an evening's hackathon, the day a model comes out, a tutorial that a country watches.

They look like bursts of an operator: one address, or one country with one mail host and one issuer of prepaid cards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.signups import cards, hours, lands
from stillwatch.worlds.signups.groups.habits import banned, begin, by_phone, mail, on_trips, over_vpn, pay, some
from stillwatch.worlds.signups.newcomers import Crowd, moved


def hackathons(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Twenty to a hundred and fifty behind a venue's address within an evening, each with a mailbox of their own."""
    rng, them = crowd.rng("hackathons"), crowd.strangers("hackathons", crowd.count(numbers))
    size, people = len(them), them.people
    event = hours.teams(rng, size, numbers["members"])
    first = hours.leads(event)
    moved(rng, them, np.where(some(rng, size, 0.9), people.country[first], people.country))
    pay(rng, them, numbers["paying"])
    mail(rng, crowd, them, work=0.12, relay=0.04, own=0.05, throwaway=0.02)
    evening = np.floor(rng.uniform(0, crowd.days - 1, size)[first]) + ((18.5 - people.zone[first]) % 24.0) / 24.0
    after = evening + rng.exponential(numbers["hours"], size) / 24.0
    people.created = hours.within(rng, after, evening, crowd.days)
    venue = networks.addresses(rng, size, "access")
    for country in np.unique(people.country):
        here = people.country == country
        venue[here] = networks.addresses(rng, int(here.sum()), "access", str(country))
    inside = some(rng, size, numbers["on_site"])
    by_phone(rng, crowd, them, ~inside)
    people.signup_address = np.where(inside, venue[first], people.signup_address).astype(np.uint32)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def launch_day(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Everybody at once, everywhere, when a model comes out; evaluators from servers among them."""
    rng, them = crowd.rng("launch_day"), crowd.strangers("launch_day", crowd.count(numbers))
    size, people = len(them), them.people
    pay(rng, them, numbers["paying"])
    mail(rng, crowd, them, work=0.15, relay=0.04, own=0.03, throwaway=0.02)
    after = crowd.numbers["release_day"] + rng.exponential(numbers["days"], size)
    # Half wait for the hours in which they are awake.
    awake = np.floor(after) + hours.hour(rng, people.zone, "human") / 24.0
    people.created = np.where((awake > after) & some(rng, size, 0.5), awake, after)
    people.created = hours.within(rng, people.created, np.full(size, crowd.numbers["release_day"]), crowd.days)
    by_phone(rng, crowd, them, some(rng, size, numbers["phones"]))
    over_vpn(rng, crowd, them, some(rng, size, 0.05))
    on_trips(rng, them, some(rng, size, 0.03))
    evaluates = some(rng, size, numbers["evaluators"])
    server = evaluates & some(rng, size, 0.15)
    people.signup_address[server] = networks.addresses(rng, int(server.sum()), "hosting")
    them.virtual = some(rng, size, 0.05)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def tutorial(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """A video that a country watches: within two days, one language, one mail host, and the prepaid card people have there."""
    rng, them = crowd.rng("tutorial"), crowd.strangers("tutorial", crowd.count(numbers))
    size, people = len(them), them.people
    which = rng.integers(0, max(1, round(numbers["tutorials"] * crowd.scale**0.5)), size)
    names, share = lands.countries()
    without_banks = np.array([lands.land(str(one))["prepaid"] >= 0.15 for one in names])
    chance = share * without_banks / (share * without_banks).sum()
    of = names[rng.choice(len(names), which.max() + 1, replace=False, p=chance)]
    moved(rng, them, of[which])
    pay(rng, them, numbers["paying"])
    known = cards.issuers(crowd.seed, crowd.world)
    popular = np.array([cards.popular_prepaid(known[str(one)]) for one in of])[which]
    them.issuer = np.where(some(rng, size, numbers["same_issuer"]), popular, "").astype("<U12")
    them.host = np.where(some(rng, size, numbers["same_host"]), "gmail.com", them.host).astype("<U48")
    new = some(rng, size, numbers["new_mailbox"])
    them.mailbox_age = np.where(new, rng.random(size) * 1.5, them.mailbox_age)
    appears = rng.uniform(1.0, crowd.days - 5.0, which.max() + 1)[which]
    after = appears + rng.exponential(numbers["days"], size)
    moment = np.floor(after) + hours.hour(rng, people.zone, "human") / 24.0
    people.created = hours.within(rng, moment, appears, crowd.days)
    by_phone(rng, crowd, them, some(rng, size, numbers["phones"]))
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])
