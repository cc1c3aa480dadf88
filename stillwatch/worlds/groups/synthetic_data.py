"""One accountable customer that makes synthetic data for its own models, under contract and in its own name.

In content it is a harvest. It is one organisation, pays with one method, hides nothing: distillation as such is lawful.
"""

from __future__ import annotations

from typing import Any

from stillwatch.worlds.groups.pipelines import company
from stillwatch.worlds.streams import Cast, Kind, Move, heavy


def synthetic_data(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("synthetic data")
    people = cast.add("synthetic_data", cast.count(numbers))
    company(cast, people, random, "synthetic data customer")
    cast.declared.append(("organization", int(people.org[0]), "enterprise sales"))
    rate = heavy(random, len(people), numbers["exchanges_per_day"], numbers["sigma"])
    kinds = [
        Kind("own_data_task", 1.0 / (n + 1), frame=cast.frame("own data", n), system="pipeline_system")
        for n in range(3)
    ]
    cast.stream(
        "synthetic data",
        people,
        rate,
        kinds,
        rhythm="jobs",
        move=Move(0.5, 1.0, by_request=True),
        sessions_logged=0.05,
        temperatures=(1.0, 0.8),
        max_tokens=(2048, 4096),
        streamed=0.1,
        typos=0.0,
    )
