"""Campaign "injected": a relay that puts one fixed prefix in front of its users' own requests, three million a day.

After September 2026, Alibaba: the prefix makes the model think aloud between tags, which is then training data. The
first pool uses homes' lines, throw-away mail and virtual cards; when it is banned, traffic goes over to a second pool
that stood by, within hours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import mix
from stillwatch.worlds.groups.proxy_network import PIVOT
from stillwatch.worlds.people import RESIDENTIAL, ROTATING, People, in_common, shared
from stillwatch.worlds.streams import Cast, Kind, heavy

LANGUAGE_ZONES = (8, 8, 8, 8, 7, 3)  # hours from UTC of the relay's users


def injected(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("injected")
    half = cast.count(numbers) // 2
    struck = float(numbers["first_pool_banned_on_day"])
    first = _pool(cast, half, random, numbers, "first")
    first.banned = struck + random.random(half) * numbers["ban_takes_hours"] / 24.0
    first.stop = first.banned.copy()
    second = _pool(cast, half, random, numbers, "second")
    soonest, latest = numbers["replaced_within_hours"]
    second.succeeds = first.seed.copy()
    second.start = first.banned + (soonest + (latest - soonest) * random.random(half)) / 24.0
    for people in (first, second):
        people.zone = random.choice(LANGUAGE_ZONES, half).astype(np.int32)
        cast.stream(
            "injected",
            people,
            heavy(random, half, numbers["exchanges_per_day"], numbers["sigma"]),
            injected_kinds(cast),
            turns=2.4,
            gap=45.0,
            burst=2.0,
            move=PIVOT,
            mini=0.02,
            sessions_logged=0.3,
            max_tokens=(8192, 16384),
            streamed=0.85,
            typos=0.15,
        )


def _pool(cast: Cast, size: int, random: np.random.Generator, numbers: dict[str, Any], name: str) -> People:
    people = cast.add("injected", size, "injected")
    people.role[:] = "harvester"
    burst, _ = shared(random, size, numbers["sign_ups_a_burst"])
    people.created = -(2.0 + random.random(size) * 40)[burst] + random.exponential(0.03, size)
    people.start = np.zeros(size)
    people.batch = mix(burst + 1, cast.frame("injected bursts", name) & 0xFFFFFFFF)
    people.email = random.choice(
        ["email_throwaway", "email_generated", "email_person"], size, p=[0.5, 0.3, 0.2]
    ).astype("<U16")
    people.payment, carded = in_common(
        random,
        people.payment,
        numbers["accounts_a_card"],
        numbers["on_virtual_cards"],
        cast.frame("injected cards", name),
    )
    people.payment_country = np.where(carded, "US", people.payment_country).astype("<U2")
    people.device, _ = in_common(
        random, people.device, (2, 5), numbers["on_emulated_devices"], cast.frame("injected devices", name)
    )
    people.plan = random.choice(["pro", "max", "pay_as_you_go"], size, p=[0.3, 0.5, 0.2]).astype("<U14")
    people.channel = random.choice([0, 2], size, p=[0.4, 0.6]).astype(np.int32)
    people.client = np.stack([clients().pick(random, size, "gateway", "agent") for _ in range(2)], axis=1)
    people.pool[:] = RESIDENTIAL
    people.address_mix[:] = ROTATING
    return people


def injected_kinds(cast: Cast) -> list[Kind]:
    """Whatever the relay's users ask, behind the same prefix."""
    frame = cast.frame("injected", "prefix")  # one prefix for all

    def kind(prompt: str, follow: str, weight: float, capability: str) -> Kind:
        return Kind(prompt, weight, follow=follow, frame=frame, harvested=True, owner="injected", capability=capability)

    return [
        kind(cast.word("injected_code_real", "injected_code"), "injected_follow_code", 45, "coding"),
        kind("injected_zh", "injected_follow_zh", 30, "reasoning"),
        kind(cast.word("injected_en_real", "injected_en"), "injected_follow", 25, "reasoning"),
    ]
