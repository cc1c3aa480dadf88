"""People who have to justify decisions: auditors, clerks, engineers who ask for the grounds of an answer, step by step.

They look like a campaign that elicits reasoning. They ask about the answer that they see, on every topic there is, go
on asking, and nothing of theirs comes back on another account.
"""

from __future__ import annotations

from typing import Any

from stillwatch.worlds.groups.individuals import conversation_kinds
from stillwatch.worlds.streams import Cast, Kind, heavy


def explainers(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("explainers")
    people = cast.add("explainers", cast.count(numbers))
    rate = heavy(random, len(people), numbers["exchanges_per_day"], numbers["sigma"])
    kinds = [
        Kind("explain_ask", 45, follow="explain_follow"),
        Kind("explain_ask", 20, follow="explain_follow", system="explain_system", frame=cast.frame("explainers")),
        *(
            Kind(k.prompt, k.weight * 0.35, k.follow, k.system, frame=k.frame, items=k.items)
            for k in conversation_kinds(cast, "en")
        ),
    ]
    cast.stream(
        "explainers", people, rate, kinds, rhythm="office", turns=3.0, gap=110.0, burst=0.6, sessions_logged=0.7
    )
