"""Companies that run the model inside a product: hundreds of keys, one payer, one exit, templates day and night.

They look like a campaign in all but this: every account belongs to one organisation that pays and answers for it.
Some declared what they do, some did not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import mix
from stillwatch.worlds.people import SITE, People
from stillwatch.worlds.streams import Cast, Kind, Move, heavy

OFFICES = ("US", "DE", "GB", "JP", "IN", "SG", "FR")
TEMPLATES = 3  # prompts of its own that a company runs


def pipelines(cast: Cast, numbers: dict[str, Any]) -> None:
    companies = cast.count({**numbers, "accounts": numbers["companies"], "at_least": numbers["companies_at_least"]})
    for number in range(companies):
        random = cast.rng("pipelines", number)
        size = max(numbers["at_least"], int(numbers["keys_a_company"] * random.lognormal(0.0, 0.4) * cast.scale**0.5))
        people = cast.add("pipelines", size)
        company(cast, people, random, f"company {number}")
        if number == 0 or (number > 1 and random.random() < numbers["declared"]):  # the smallest world has one of each
            cast.declared.append(("organization", int(people.org[0]), "customer success"))
        judges = number % 4 == 1  # one company in four grades its own product's answers, as a campaign's rubric does
        rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
        kinds = [
            Kind(
                "pipeline_grade" if judges and n == 0 else "pipeline",
                1.0 / (n + 1),
                frame=cast.frame("pipeline", number, n),
                system="pipeline_system",
            )
            for n in range(TEMPLATES)
        ]
        cast.stream(
            f"pipelines {number}",
            people,
            rate,
            kinds,
            rhythm="flat",
            burst=4.0,
            move=Move(0.25, 6.0),
            mini=0.5,
            sessions_logged=0.1,
            temperatures=(0.0, 0.0, 0.2),
            max_tokens=(512, 1024),
            streamed=0.05,
            typos=0.03,
        )


def company(cast: Cast, people: People, random: np.random.Generator, name: str) -> None:
    """Makes accounts one organisation's: one payer, one domain, one site, created by one administrator."""
    size = len(people)
    country = str(random.choice(OFFICES))
    key = cast.frame(name)
    people.org[:] = mix([key], "org")[0]
    people.payment[:] = mix([key], "payer")[0]
    people.payment_country[:] = country
    people.country[:] = country
    people.pathway[:] = "enterprise"
    people.plan[:] = "enterprise" if random.random() < 0.6 else "pay_as_you_go"
    people.email[:] = "email_work"
    people.verification[:] = "payment" if random.random() < 0.5 else "identity"
    people.channel[:] = 3 if random.random() < 0.2 else 0
    founded = -random.uniform(40, 600)
    people.created = np.minimum(
        founded + random.integers(0, 3, size) * random.uniform(5, 30) + random.random(size) * 0.02, -1.0
    )
    people.start = np.zeros(size)
    doors = networks.neighbours(random, int(random.integers(1, 4)), "hosting", None, 1)
    for slot in range(4):
        people.address[:, slot] = doors[slot % len(doors)]
    people.address_mix[:] = SITE
    people.signup_address[:] = networks.addresses(random, 1, "access", country)[0]
    build = clients().pick(random, 2, "sdk", "tool", "gateway")
    people.client[:] = build
    people.device = np.where(random.random(size) < 0.5, mix([key], "device")[0], 0).astype(np.uint64)
