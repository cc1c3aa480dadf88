"""A course signs up in class: one school's domain, one door to the net, machines of a lab, most of it within an hour or two.

It looks like a batch: together, one scheme of mail names, one address, some on one device, nearly all without a card.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.dice import mix, unit
from stillwatch.worlds.signups import browsers, hours, lands
from stillwatch.worlds.signups.groups.habits import banned, begin, by_phone, pay, shared_key, some
from stillwatch.worlds.signups.newcomers import Crowd, moved

CAMPUS_NETWORKS = ("US", "DE", "GB", "KR")  # countries whose schools' networks the worlds know as such


def campus(crowd: Crowd, numbers: dict[str, Any]) -> None:
    rng, them = crowd.rng("campus"), crowd.strangers("campus", crowd.count(numbers))
    size, people = len(them), them.people
    course = hours.teams(rng, size, numbers["members"])
    first = hours.leads(course)
    school = rng.integers(0, 1 + course.max() // numbers["courses_a_school"], size)[first]
    names, share = lands.countries()
    of = names[rng.choice(len(names), school.max() + 1, p=share)]
    moved(rng, them, of[school])
    pay(rng, them, numbers["paying"])
    private = some(rng, size, numbers["private_mail"])
    on_list, age = _domains(crowd, of, numbers["unlisted"], rng)
    them.host = np.where(private, them.host, on_list[school]).astype("<U48")
    them.domain_age = np.where(private, np.nan, age[school])
    them.local = np.where(private, them.local, lands.school_schemes(them.host)).astype("<U12")
    them.mailbox_age = np.where(private, them.mailbox_age, 2.0 + rng.exponential(400.0, size))
    people.pathway = np.where(private & some(rng, size, 0.7), "self_serve", "education").astype("<U18")
    begins = hours.moments(rng, people.zone, crowd.days, "office")[first]
    late = hours.within(rng, begins + rng.exponential(2.0, size), begins, crowd.days)
    in_class = some(rng, size, numbers["in_class"])
    class_ = begins + rng.exponential(numbers["class_hours"], size) / 24.0
    people.created = np.where(in_class, hours.within(rng, class_, begins, crowd.days), late)
    _doors(crowd, them, school, of, some(rng, size, numbers["on_site"]), rng)
    by_phone(rng, crowd, them, ~in_class & some(rng, size, 0.3))
    lab = in_class & some(rng, size, numbers["in_lab"])
    machine = mix(course * 1000 + rng.integers(0, 12, size) + 1, crowd.key("lab"))  # a dozen machines a room
    people.device = np.where(lab, machine, people.device).astype(np.uint64)
    image = browsers.pick(rng, size, "desktop")[first]
    them.browser = np.where(lab, image, them.browser).astype(np.int16)
    guest = some(rng, size, numbers["abroad"])  # students from elsewhere
    them.locale = np.where(guest, rng.permutation(them.locale), them.locale)
    them.phone_country = np.where(guest, rng.permutation(them.phone_country), them.phone_country)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def _domains(crowd: Crowd, of: Any, unlisted: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Each school's domain, and the age of those that are on no list: bootcamps, small and new schools."""
    size = len(of)
    keys = shared_key(crowd, np.arange(size), "school")
    hosts, age = np.full(size, "", "<U48"), np.full(size, np.nan)
    for place, name in enumerate(of):
        known = lands.land(str(name))["academic"]
        hosts[place] = known[int(unit(keys[place : place + 1], "which")[0] * len(known))]
        if rng.random() < unlisted:
            hosts[place] = crowd.brands(keys[place : place + 1], (lands.land(str(name))["suffix"],))[0]
            age[place] = min(rng.lognormal(np.log(1500.0), 1.3), 9000.0)
    return hosts, age


def _doors(crowd: Crowd, them: Any, school: Any, of: Any, on_site: Any, rng: np.random.Generator) -> None:
    """The few addresses that a school's network shows to the world."""
    for number, country in enumerate(of):
        here = np.flatnonzero(on_site & (school == number))
        kind = "campus" if country in CAMPUS_NETWORKS else "access"
        doors = networks.neighbours(rng, int(rng.integers(1, 6)), kind, str(country), 1)
        them.people.signup_address[here] = doors[rng.integers(0, len(doors), len(here))]
