"""Campaign "reasoning": a small pool of accounts that one scheduler feeds, after worked reasoning and grades.

Jobs start and stop for the whole pool, requests go round from account to account, accounts share payment methods.
Each account on its own is an ordinary, busy API customer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import ROTATING, in_common
from stillwatch.worlds.streams import Cast, Kind, Move


def reasoning(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("reasoning")
    size = cast.count(numbers)
    people = cast.add("reasoning", size, "reasoning")
    people.role[:] = "harvester"
    people.country = random.choice(["SG", "HK", "US", "JP"], size, p=[0.35, 0.25, 0.25, 0.15]).astype("<U2")
    people.payment_country = np.where(random.random(size) < 0.6, "HK", people.country).astype("<U2")
    people.plan = random.choice(["pay_as_you_go", "pro"], size, p=[0.85, 0.15]).astype("<U14")
    people.created = -random.uniform(3, 90, size)
    some = random.random(size) < numbers["joined_in_window"]
    people.created = np.where(some, random.uniform(0, cast.days * 0.5, size), people.created)
    people.start = np.maximum(people.created + 0.1, 0.0)
    people.payment, _ = in_common(
        random, people.payment, numbers["accounts_a_card"], numbers["on_shared_cards"], cast.frame("reasoning cards")
    )
    people.channel[:] = 0
    people.client = np.stack([clients().pick(random, size, "sdk") for _ in range(2)], axis=1)
    exits = networks.neighbours(
        random, max(4, size // numbers["accounts_an_exit"]), "hosting", None, max(2, size // 12)
    )
    people.pool[:] = cast.pool(exits)
    people.address_mix[:] = ROTATING
    rate = np.full(size, float(numbers["exchanges_per_day"]))
    cast.stream(
        "reasoning",
        people,
        rate,
        reasoning_kinds(cast),
        rhythm="jobs",
        round_robin=True,
        move=Move(0.3, 1.0, by_request=True),
        mini=0.0,
        sessions_logged=0.1,
        temperatures=(1.0, 0.7),
        max_tokens=(4096, 8192),
        streamed=0.15,
        typos=0.0,
    )


def reasoning_kinds(cast: Cast) -> list[Kind]:
    """Problems to be worked, answers to be explained from the inside, answers to be graded, lines to be rewritten."""

    def kind(prompt: str, weight: float, capability: str = "", number: int = 0, **rest: Any) -> Kind:
        frame = cast.frame("reasoning", prompt, number)
        return Kind(prompt, weight, frame=frame, harvested=True, owner="reasoning", capability=capability, **rest)

    if "real_reasoning_bare" in cast.phrases:
        problems: dict[str, Any] = {"deck": "real_reasoning_bare", "again": "reasoning_real_framed"}
        answers: dict[str, Any] = {"deck": "real_judging_framed", "again": "judging_real_again"}
        return [
            kind("reasoning_real_framed", 35, **problems),
            kind("reasoning_real_bare", 25, **problems),
            *([kind("judging_real", 15, **answers)] if "real_judging_framed" in cast.phrases else []),
            kind("harvest_inner_reasoning", 25, "reasoning"),
        ]
    return [
        kind("harvest_reasoning", 22, "reasoning"),
        kind("harvest_reasoning", 12, "reasoning", 1),
        kind("harvest_reasoning_zh", 16, "reasoning"),
        kind("harvest_inner_reasoning", 22, "reasoning"),
        kind("harvest_grading", 20, "judging"),
        kind("harvest_safe_rewriting", 8, "rewriting"),
    ]
