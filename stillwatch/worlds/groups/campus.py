"""Universities: hundreds of students behind a handful of addresses, on the education pathway, with the same homework.

They look like a campaign: crowded addresses, sign-ups in one week, identical questions in the same hours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.dice import mix
from stillwatch.worlds.groups.individuals import conversation_kinds
from stillwatch.worlds.people import SITE, shared
from stillwatch.worlds.streams import Cast, Kind, heavy

TERM_STARTS = -12.0  # days from the start of the window: when most students signed up
SITES = (("US", -5), ("DE", 1), ("GB", 0), ("KR", 9))


def campus(cast: Cast, numbers: dict[str, Any]) -> None:
    universities = max(1, min(len(SITES), round(numbers["universities"] * cast.scale**0.25)))
    total = cast.count(numbers, "students")
    for number in range(universities):
        _university(cast, numbers, number, total // universities)


def _university(cast: Cast, numbers: dict[str, Any], number: int, size: int) -> None:
    country, zone = SITES[number]
    random = cast.rng("campus", number)
    people = cast.add("campus", size)
    people.country[:] = country
    people.zone[:] = zone
    people.language[:] = "en"
    people.pathway[:] = "education"
    people.plan[:] = "free"
    people.email[:] = "email_campus"
    people.batch[:] = cast.frame("university", number)
    people.org[:] = mix([number + 1], cast.frame("university") & 0xFFFFFFFF)[0]
    people.payment[random.random(size) < 0.85] = 0
    people.verification[:] = random.choice(["email", "identity"], size, p=[0.8, 0.2])
    people.created = np.where(random.random(size) < 0.7, TERM_STARTS + random.exponential(4.0, size), people.created)
    people.start = np.maximum(people.created, 0.0)
    doors = networks.neighbours(random, int(random.integers(2, 5)), "campus", country, 1)
    on_site = random.random(size) < 0.9
    for slot in range(2):
        people.address[on_site, slot] = doors[random.integers(0, len(doors), int(on_site.sum()))]
    people.address_mix = np.where(
        on_site, np.where(random.random(size) < 0.5, SITE, people.address_mix), people.address_mix
    )
    people.signup_address = people.address[:, 0].copy()
    lab, in_lab = shared(random, size, (5, 25), numbers["on_lab_machines"])
    people.device = np.where(in_lab, mix(lab, cast.frame("lab", number) & 0xFFFFFFFF), people.device).astype(np.uint64)
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    homework = cast.frame("homework", number)
    kinds = [
        Kind("homework", 45, follow="follow_en", frame=homework, items=numbers["questions_a_week"], items_change=7.0),
        *(
            Kind(k.prompt, k.weight * 0.55, k.follow, k.system, frame=k.frame, items=k.items)
            for k in conversation_kinds(cast, "en")
        ),
    ]
    cast.stream(
        f"campus {number}", people, rate, kinds, turns=2.6, gap=100.0, burst=0.5, rhythm="human", sessions_logged=0.8
    )
