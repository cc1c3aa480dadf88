"""What becomes of an operator's accounts: first use, spares, bans, and those that take a banned one's place."""

from __future__ import annotations

import numpy as np

from stillwatch.worlds.dice import mix
from stillwatch.worlds.signups.newcomers import Crowd, Newcomers
from stillwatch.worlds.signups.operators.craft import Craft


def lives(crowd: Crowd, craft: Craft, them: Newcomers) -> None:
    random, size, people = craft.random("lives"), len(them), them.people
    numbers = crowd.numbers["first_exchange"]["operators"]
    soon = people.created + random.lognormal(np.log(numbers["median_days"]), numbers["sigma"], size)
    low, high = numbers["spare_days"]
    waits = people.created + np.exp(random.uniform(np.log(low), np.log(high), size))
    them.first = np.where(craft.some("spares", size), waits, soon)
    _bans(crowd, craft, them, random)
    _take_over(crowd, craft, them, random)


def _bans(crowd: Crowd, craft: Craft, them: Newcomers, random: np.random.Generator) -> None:
    """The provider's own finds: one by one, or many on the day somebody looked."""
    from_days, size, people = crowd.numbers["banned_after"], len(them), them.people
    one_by_one = people.created + random.lognormal(np.log(from_days["median_days"]), from_days["sigma"], size)
    days = np.sort(random.uniform(2.0, crowd.days, max(1, int(random.integers(1, 4)))))
    wave = days[np.searchsorted(days, people.created + 0.5).clip(max=len(days) - 1)] + random.random(size) * 0.05
    in_wave = (random.random(size) < crowd.numbers["fraud"]["in_waves"]) & (wave > people.created)
    at = np.where(in_wave, wave, one_by_one)
    found = craft.some("banned", size) & (at < crowd.days)
    people.banned = np.where(found, at, np.nan)


def _take_over(crowd: Crowd, craft: Craft, them: Newcomers, random: np.random.Generator) -> None:
    """Of accounts made hours or days after a ban, one takes its place: with some of what it had."""
    numbers, people = crowd.numbers["fraud"], them.people
    low, high = np.array(numbers["successor_hours"]) / 24.0
    order = np.argsort(people.created, kind="stable")
    taken = np.zeros(len(them), bool)
    pairs: list[tuple[int, int]] = []
    for old in np.flatnonzero(~np.isnan(people.banned) & (random.random(len(them)) < numbers["succeeds"])):
        after = people.banned[old] + np.exp(random.uniform(np.log(low), np.log(high)))
        place = int(np.searchsorted(people.created[order], after))
        while place < len(order) and taken[order[place]]:
            place += 1
        if place < len(order):
            taken[order[place]] = True
            pairs.append((int(old), int(order[place])))
    if not pairs:
        return
    pairs.sort(key=lambda pair: float(people.created[pair[1]]))  # whoever is taken from has got what it has itself
    old_ones, new_ones = np.array(pairs).T
    people.succeeds[new_ones] = people.seed[old_ones]
    _inherit(craft, them, pairs, random)


def _inherit(craft: Craft, them: Newcomers, pairs: list[tuple[int, int]], random: np.random.Generator) -> None:
    people, size = them.people, len(pairs)
    same, card, device = (
        random.random(size) < craft.share(one) for one in ("inherits", "inherits_card", "inherits_device")
    )
    own_card = people.payment == mix(people.seed, "card")  # what others pay with as well stays as it is
    for number, (old, new) in enumerate(pairs):
        if same[number]:
            for told in (them.browser, them.stack, them.locale, them.local, them.names):
                told[new] = told[old]
            if own_card[new] and them.issuer[old]:
                them.issuer[new] = them.issuer[old]
        if card[number] and people.payment[old]:
            people.payment[new], people.payment_country[new] = people.payment[old], people.payment_country[old]
            them.issuer[new], own_card[new], own_card[old] = them.issuer[old], False, False
        if device[number]:
            people.device[new] = people.device[old]
