"""Companies whose product lets the model grade: support replies, essays, reviews of code, by one rubric for years.

They look like a campaign that uses the model as a reward model: rubrics, scores, JSON, volume. One organisation pays,
its rubric does not change, and it keeps business hours.
"""

from __future__ import annotations

from typing import Any

from stillwatch.worlds.groups.pipelines import company
from stillwatch.worlds.streams import Cast, Kind, Move, heavy


def judge_products(cast: Cast, numbers: dict[str, Any]) -> None:
    companies = max(2, round(numbers["companies"] * cast.scale**0.5))
    size = max(numbers["at_least"], round(numbers["accounts"] * cast.scale)) // companies
    for number in range(companies):
        random = cast.rng("judge products", number)
        people = cast.add("judge_products", size)
        company(cast, people, random, f"judge product {number}")
        kinds = [
            Kind(
                "judge_product",
                1.0 / (n + 1),
                system="judge_product_system",
                frame=cast.frame("judge product", number, n),
            )
            for n in range(2)
        ]
        cast.stream(
            f"judge products {number}",
            people,
            heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"]),
            kinds,
            rhythm="office",
            burst=3.0,
            move=Move(0.4, 4.0),
            mini=0.4,
            sessions_logged=0.2,
            temperatures=(0.0,),
            max_tokens=(512, 1024),
            streamed=0.05,
            typos=0.02,
        )
