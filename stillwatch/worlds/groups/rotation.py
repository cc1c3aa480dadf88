"""Campaign "rotation": a few hundred accounts that take turns at full speed, to clean, judge and rewrite training data.

After September 2026, Zhipu: 273 rotated accounts, about 1,100 exchanges a day each. A part of the pool works while the
others rest, so each account looks like a busy customer with breaks.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import in_common
from stillwatch.worlds.streams import Cast, Kind, Move

SHIFTS = 3  # parts of the pool; a third works at a time


def rotation(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("rotation")
    size = cast.count(numbers)
    people = cast.add("rotation", size, "rotation")
    people.role[:] = "harvester"
    people.created = -random.uniform(2, 60, size)
    people.start = np.full(size, float(numbers["from_day"]))
    people.stop = people.start + numbers["active_days"]
    people.plan = random.choice(["pay_as_you_go", "pro", "max"], size, p=[0.6, 0.1, 0.3]).astype("<U14")
    people.channel = random.choice([0, 2, 3], size, p=[0.7, 0.2, 0.1]).astype(np.int32)
    people.client = np.stack([clients().pick(random, size, "sdk", "gateway") for _ in range(2)], axis=1)
    people.payment, _ = in_common(
        random, people.payment, numbers["accounts_a_card"], numbers["on_shared_cards"], cast.frame("rotation cards")
    )
    cast.cells(
        people,
        random,
        numbers["accounts_a_cell"],
        lambda accounts: networks.neighbours(random, max(3, accounts // 2), "hosting", None, 2),
    )
    cast.stream(
        "rotation",
        people,
        np.full(size, float(numbers["exchanges_per_day"])),
        rotation_kinds(cast),
        rhythm="jobs",
        shifts=SHIFTS,
        move=Move(0.4, 1.5, by_request=True),
        mini=0.05,
        sessions_logged=0.2,
        temperatures=(1.0, 0.7),
        max_tokens=(8192, 16384),
        streamed=0.3,
        typos=0.0,
    )


def rotation_kinds(cast: Cast) -> list[Kind]:
    """Traces to be cleaned and put in one form, candidates to be scored, tasks to be made of them."""
    kind = partial(cast.harvest, "rotation")
    return [
        kind("cleaning", 40, "rewriting"),
        kind("normalising", 20, "rewriting"),
        kind("filtering", 25, "judging"),
        kind("task_from_trace", 15, "data_generation"),
    ]
