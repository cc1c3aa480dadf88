"""Teams whose employer pays: accounts opened on Monday, one company card, used hard from the first day.

They look like a campaign's fresh accounts: created together, no slow start, one card, one office address.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.dice import mix
from stillwatch.worlds.groups.agents import agent_kinds
from stillwatch.worlds.groups.individuals import conversation_kinds
from stillwatch.worlds.people import HOME
from stillwatch.worlds.streams import Cast, heavy


def employers(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("employers")
    people = cast.add("employers", cast.count(numbers))
    size = len(people)
    team = np.searchsorted(np.cumsum(random.integers(5, 41, size)), np.arange(size), side="right")
    lead = np.unique(team, return_index=True)[1][team]
    day = random.uniform(-20, cast.days * 0.8, size)[lead]
    people.created = day + random.exponential(0.15, size)
    people.start = np.maximum(people.created + random.exponential(0.1, size), 0.0)
    people.payment = mix(team + 1, cast.frame("employer cards") & 0xFFFFFFFF)
    people.payment_country = people.country[lead]
    people.country, people.zone = people.country[lead], people.zone[lead]
    people.language[:] = "en"
    known = random.random(size)[lead] < 0.6  # the others never set up an organisation
    people.org = np.where(known, mix(team + 1, cast.frame("employer") & 0xFFFFFFFF), 0).astype(np.uint64)
    people.email[:] = "email_work"
    people.batch = mix(team + 1, cast.frame("employer domain") & 0xFFFFFFFF)
    people.pathway = np.where(random.random(size)[lead] < 0.3, "startup", "self_serve").astype("<U18")
    people.plan = np.where(random.random(size) < 0.5, "max", "pay_as_you_go").astype("<U14")
    office = networks.addresses(random, size, "access")[lead]
    people.address[:, 0] = office
    people.address_mix[:] = HOME
    people.signup_address = np.where(random.random(size) < 0.7, office, people.signup_address).astype(np.uint32)
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    coding = random.random(size)[lead] < 0.5
    cast.stream(
        "employers code",
        people,
        rate,
        agent_kinds(cast, cast.frame("agent client", 0)),
        coding,
        rhythm="office",
        turns=8.0,
        gap=25.0,
        max_tokens=(8192, 16384, 32000),
        streamed=0.9,
        typos=0.02,
        sessions_logged=0.9,
    )
    cast.stream("employers chat", people, rate, conversation_kinds(cast, "en"), ~coding, rhythm="office", turns=3.0)
