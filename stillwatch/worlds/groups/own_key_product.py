"""A note-taking product whose customers bring their own keys: one template and one exit, payers who never met.

It looks like a campaign's relay: thousands of accounts, one address, one client, one prompt. Each account pays for
itself, and most use the model elsewhere as well.
"""

from __future__ import annotations

from typing import Any

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.groups.individuals import conversation_kinds
from stillwatch.worlds.people import SITE
from stillwatch.worlds.streams import Cast, Kind, heavy


def own_key_product(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("own key product")
    people = cast.add("own_key_product", cast.count(numbers))
    size = len(people)
    people.address[:, 0] = networks.neighbours(random, size, "hosting", "US", 1)[random.integers(0, 2, size)]
    people.address_mix[:] = SITE  # the product's exit, and at times their own
    people.client[:, 0] = clients().pick(random, 1, "gateway")[0]
    people.channel[:] = 0
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    frame = cast.frame("note product")
    kinds = [
        Kind("note_product", 60, system="note_product_system", frame=frame),
        *(
            Kind(k.prompt, k.weight * 0.4, k.follow, k.system, frame=k.frame, items=k.items)
            for k in conversation_kinds(cast, "en")
        ),
    ]
    cast.stream("own key product", people, rate, kinds, turns=1.6, burst=0.6, sessions_logged=0.4)
