"""Operators: make accounts by the hundred or thousand, each by habits of its own; none of it is sent anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.signups.groups import alone
from stillwatch.worlds.signups.newcomers import Crowd
from stillwatch.worlds.signups.operators import clients, identities, lines, means, paces, successors
from stillwatch.worlds.signups.operators.craft import Craft

CHANGES_HANDS = 4.0  # days, median, until a bought account is used
MOST_OF_ONE = 0.45  # of all fraudulent accounts: beyond it a world is one operator's


def operators(crowd: Crowd, rung: dict[str, Any]) -> None:
    """Every operator's accounts; those bought from others are ordinary people's in all that a sign-up tells."""
    numbers = crowd.numbers["fraud"]
    random = crowd.rng("operators")
    for number, size in enumerate(sizes(random, crowd.scale, numbers)):
        craft = Craft(crowd, number, rung)
        bought = int(random.binomial(size, craft.share("bought")))
        if bought:
            _buy(crowd, craft, bought)
        if size > bought:
            _make(crowd, craft, size - bought)
    lines.lend(crowd, rung["lent_twice"])


def sizes(random: np.random.Generator, scale: float, numbers: dict[str, Any]) -> list[int]:
    """Accounts of each operator. A smaller world has fewer of them rather than small ones."""
    total = max(1, round(numbers["accounts"] * scale))
    low, high = numbers["operators"]
    wanted = max(2, round(int(random.integers(low, high + 1)) * scale**0.5))
    wanted = max(1, min(wanted, total // numbers["fewest"]))
    share = random.lognormal(0.0, numbers["sigma"], wanted)
    share /= share.sum()
    cap = max(MOST_OF_ONE, 1.0 / wanted)
    for _ in range(wanted):  # what is above goes to the others, until nobody is above
        rest = np.where(share < cap, share, 0.0)
        share = np.where(share < cap, share, cap)
        share += rest / max(rest.sum(), 1e-9) * (1.0 - share.sum())
    whole = np.maximum((share * total).astype(int), min(numbers["fewest"], total // wanted))
    whole[np.argsort(whole)[-2 if wanted > 2 else -1]] += total - whole.sum()
    return [int(one) for one in whole]


def _make(crowd: Crowd, craft: Craft, size: int) -> None:
    them = crowd.strangers("operators", size, craft.number)
    them.operator[:] = craft.name
    batch = paces.paced(crowd, craft, them)
    exit_country = lines.exits(crowd, craft, them, batch)
    identities.mailboxes(crowd, craft, them, batch)
    means.cards(crowd, craft, them, batch)
    means.phones(crowd, craft, them, batch)
    clients.devices(crowd, craft, them, batch, exit_country)
    successors.lives(crowd, craft, them)


def _buy(crowd: Crowd, craft: Craft, size: int) -> None:
    """Somebody made them for himself, or to sell one: in nothing but what comes later are they an operator's."""
    them = crowd.strangers("bought", size, craft.number)
    them.operator[:] = craft.name
    random = craft.random("bought")
    alone.by_themselves(crowd, random, them, crowd.numbers["honest"]["individuals"])
    them.first = them.people.created + random.lognormal(np.log(CHANGES_HANDS), 1.0, size)
