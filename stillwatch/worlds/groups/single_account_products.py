"""Products that serve thousands of users through one account: a template, day and night, by the thousand.

They look like a single busy harvester: volume without a pause, one template over ever new content, no ramp. Each is one
paying customer; about half pass on a pseudonym for each of their users.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import SITE
from stillwatch.worlds.streams import Cast, Kind, Move, heavy


def single_account_products(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("single account products")
    people = cast.add("single_account_products", cast.count(numbers))
    size = len(people)
    people.email[:] = "email_work"
    people.plan[:] = "pay_as_you_go"
    people.pathway = random.choice(["startup", "self_serve", "enterprise"], size, p=[0.5, 0.35, 0.15]).astype("<U18")
    people.channel[:] = 0
    people.client = np.stack([clients().pick(random, size, "sdk", "tool", "gateway") for _ in range(2)], axis=1)
    for slot in range(2):
        people.address[:, slot] = networks.addresses(random, size, "hosting")
    people.address_mix[:] = SITE
    named = random.random(size) < numbers["pass_on_users"]
    people.end_users = np.where(named, random.lognormal(np.log(numbers["users"]), 0.8, size), 0).astype(np.int32)
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    for place in range(size):
        frame = cast.frame("single account product", place)
        cast.stream(
            f"single account product {place}",
            people,
            rate,
            [Kind("saas_task", system="saas_system", follow="saas_follow", frame=frame)],
            np.arange(size) == place,
            rhythm="office" if place % 3 == 0 else "human",
            turns=1.8,
            burst=6.0,
            move=Move(0.3, 5.0, by_request=True),
            mini=0.5,
            sessions_logged=0.6,
            temperatures=(0.3, 0.7),
            max_tokens=(1024, 2048),
            streamed=0.8,
            typos=0.2,
        )
