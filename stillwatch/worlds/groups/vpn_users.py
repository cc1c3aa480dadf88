"""Strangers behind the same VPN exits: people who want privacy, travel, or live where the API is not offered.

They look like a campaign: dozens of accounts an address, other countries than their payments', exits that campaign
accounts rent as well. Nothing else is shared: own payers, own devices, own questions, own hours.
"""

from __future__ import annotations

from typing import Any

from stillwatch.worlds import networks
from stillwatch.worlds.groups.individuals import private_lives
from stillwatch.worlds.people import ROTATING
from stillwatch.worlds.streams import Cast


def vpn_users(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("vpn users")
    people = cast.add("vpn_users", cast.count(numbers))
    cast.public_exits = cast.pool(networks.addresses(random, max(6, len(people) // numbers["people_an_exit"]), "exit"))
    people.pool[:] = cast.public_exits
    people.address_mix[:] = ROTATING
    private_lives(cast, people, random, numbers)
