"""Resellers: a few accounts with thousands of users below them. Some registered and pass on a pseudonym for each user,
some do neither.

They look like a relay: one payer, every kind of content, hosting addresses, uneven clients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.groups.agents import agent_kinds
from stillwatch.worlds.groups.individuals import LANGUAGES, conversation_kinds
from stillwatch.worlds.groups.pipelines import company
from stillwatch.worlds.streams import Cast, Kind, Move, heavy


def aggregators(cast: Cast, numbers: dict[str, Any]) -> None:
    resellers = max(
        2, round(numbers["resellers"] * cast.scale**0.25)
    )  # one that passes on its users, one that does not
    size = max(resellers, cast.count(numbers))
    for number in range(resellers):
        random = cast.rng("aggregators", number)
        people = cast.add("aggregators", size // resellers)
        company(cast, people, random, f"reseller {number}")
        people.pathway[:] = "reseller"
        people.channel[:] = 4
        if number % 2 == 0:
            users = random.lognormal(np.log(numbers["users_an_account"]), 0.5, len(people))
            people.end_users = np.maximum(20, users).astype(np.int32)
            cast.declared.append(("reseller", int(people.org[0]), "partnerships"))
        kinds = [
            *(
                Kind(k.prompt, k.weight, "", k.system, frame=k.frame, items=k.items)
                for one in LANGUAGES
                for k in conversation_kinds(cast, one)
            ),
            *(
                Kind(k.follow, 120, "", k.system, k.tools, k.frame, long_context=True)
                for k in agent_kinds(cast, cast.frame("agent client", 1))
            ),
        ]
        cast.stream(
            f"aggregators {number}",
            people,
            heavy(random, len(people), numbers["exchanges_per_day"], numbers["sigma"]),
            kinds,
            rhythm="flat",
            burst=8.0,
            move=Move(0.4, 2.5, by_request=True),
            sessions_logged=0.3,
        )
