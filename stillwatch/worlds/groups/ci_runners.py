"""Build servers that call the model on every change: reviews, failing builds, release notes; machines come and go.

They look like a campaign: one key from hundreds of cloud addresses, day and night, templates, no person in sight. Each
account is one team's, and its runs follow the team's working day.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import ROTATING
from stillwatch.worlds.streams import Cast, Kind, Move, heavy

RUN_DAYS = 0.02  # half an hour: the next run is on another machine
TEMPLATES = 6  # published actions that teams share; each team sets its own rules in them


def ci_runners(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("ci runners")
    people = cast.add("ci_runners", cast.count(numbers))
    size = len(people)
    machines = networks.addresses(random, max(40, size * numbers["machines_an_account"]), "hosting")
    people.pool[:] = cast.pool(machines)
    people.address_mix[:] = ROTATING
    people.client = np.stack([clients().pick(random, size, "sdk", "tool", "agent") for _ in range(2)], axis=1)
    people.channel[:] = 0
    people.email[:] = "email_work"
    people.plan[:] = "pay_as_you_go"
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    action = random.integers(0, TEMPLATES, size)
    for number in np.unique(action):
        frame = cast.frame("ci action", int(number))
        kinds = [
            Kind("ci_review", 60, system="ci_system", frame=frame, long_context=True),
            Kind("ci_fix", 32, system="ci_system", frame=frame, long_context=True),
            Kind("ci_notes", 8, system="ci_system", frame=frame),
        ]
        cast.stream(
            f"ci runners {number}",
            people,
            rate,
            kinds,
            action == number,
            rhythm="office",
            turns=1.4,
            gap=12.0,
            burst=0.8,
            move=Move(0.4, 3.0),
            sessions_logged=0.1,
            temperatures=(0.0, 0.2),
            max_tokens=(2048, 4096),
            streamed=0.1,
            typos=0.0,
            churn=RUN_DAYS,
        )
