"""Teams that try the new model on the day it comes out: the same benchmark items again and again, round the clock.

They look like a campaign: new accounts at full speed, identical prompts from unrelated accounts, a jump on release day.
What sets them apart: the set of items is small and repeats, and their payers and addresses have nothing in common.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.people import ONE
from stillwatch.worlds.streams import Cast, Kind, Move, heavy

SUITES = 5  # benchmarks in use
FIRST_DAYS = 0.45  # days after the release, mean: nine in ten teams begin within the first 24 hours


def evaluators(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("evaluators")
    people = cast.add("evaluators", cast.count(numbers))
    size = len(people)
    nightly = random.random(size) < 0.25  # run all the time, and are pointed at the new model when it comes
    begin = cast.released + random.exponential(FIRST_DAYS, size)
    people.start = np.where(nightly, people.start, np.maximum(people.start, np.minimum(begin, cast.days - 2)))
    people.stop = np.where(nightly, people.stop, people.start + random.uniform(1.0, 8.0, size))
    fresh = ~nightly & (random.random(size) < 0.3)
    people.created = np.where(fresh, people.start - random.exponential(0.4, size), people.created)
    people.org[0] = people.org[0] or people.seed[0]  # the first one is declared below
    people.channel[:] = 0
    people.client = np.stack([clients().pick(random, size, "sdk", "tool") for _ in range(2)], axis=1)
    hosted = random.random(size) < 0.7
    people.address[hosted, 0] = networks.addresses(random, int(hosted.sum()), "hosting")
    people.address_mix[:] = ONE
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    suite = random.integers(0, SUITES, size)
    for number in range(SUITES):
        if not (suite == number).any():
            continue
        frame = cast.frame("suite", number)
        prompt = cast.word("benchmark_real", "benchmark")
        kinds = [Kind(prompt, 1.0, frame=frame, items=numbers["items_a_suite"], items_change=365.0)]
        cast.stream(
            f"evaluators {number}",
            people,
            rate,
            kinds,
            suite == number,
            rhythm="flat",
            burst=0.4,
            move=Move(0.95, 0.15),
            mini=0.1,
            sessions_logged=0.05,
            temperatures=(0.0,),
            max_tokens=(256, 1024, 2048),
            streamed=0.05,
            typos=0.0,
        )
    cast.declared.append(("evaluation", int(people.org[0]), "developer relations"))
