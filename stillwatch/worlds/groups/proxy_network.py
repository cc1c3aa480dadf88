"""A reseller's network of accounts: how they are got, where they go out, how long they live, what customers send through them.

Accounts are bought and made in bursts, pay with virtual cards, go out through shared proxies, and are replaced within
hours when banned. Some stand by without traffic. The campaigns that use such a network are files of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.clients import clients
from stillwatch.worlds.dice import mix
from stillwatch.worlds.groups.agents import agent_kinds
from stillwatch.worlds.groups.individuals import conversation_kinds
from stillwatch.worlds.people import F64, NO_POOL, ROTATING, People, in_common, shared
from stillwatch.worlds.streams import Cast, Kind, Move, heavy

PIVOT = Move(0.53, 0.12, by_request=True)  # nearly half of the first 24 hours' harvest, most of it within three hours


def opened(
    cast: Cast, people: People, random: np.random.Generator, numbers: dict[str, Any], mixture: Callable[[int], F64]
) -> F64:
    """Gets the accounts, sends customers' traffic through them, and returns what each harvests a day.

    `mixture` draws numbers from 0 to 1: where between the two ends of `harvest_share` an account lies.
    """
    identities(cast, people, random, numbers)
    exits(cast, people, random, numbers)
    lives(cast, people, random, numbers)
    rate = heavy(random, len(people), numbers["exchanges_per_day"], numbers["sigma"])
    low, high = numbers["harvest_share"]
    share = low + (high - low) * mixture(len(people))
    spare = people.role == "spare"
    people.role = np.where(spare, "spare", np.where(share < numbers["carrier_below"], "carrier", "harvester"))
    rate[spare] = 0.0
    resale(cast, people, rate * (1 - share), random)
    return rate * share


def identities(cast: Cast, people: People, random: np.random.Generator, numbers: dict[str, Any]) -> None:
    """Sign-ups in bursts with one pattern of mail addresses, some bought with a past; virtual cards, emulated devices."""
    size = len(people)
    order, _ = shared(random, size, numbers["sign_ups_a_burst"])
    burst_day = -1.0 - random.random(size) ** 1.5 * 75
    bought = random.random(size) < numbers["bought_aged"]
    made = burst_day[order] + random.exponential(0.03, size)  # within about an hour
    aged = np.where(people.created < -60, people.created, -60 - random.random(size) * 400)
    people.created = np.where(bought, aged, made)
    people.start = np.zeros(size)
    batches = mix(order + 1, cast.frame(people.campaign, "bursts") & 0xFFFFFFFF)
    people.batch = np.where(bought, people.batch, batches).astype(np.uint64)
    patterns = np.array(["email_generated", "email_throwaway", "email_person", "email_work"])
    people.email = np.where(bought, "email_person", patterns[random.choice(4, size, p=[0.5, 0.22, 0.24, 0.04])]).astype(
        "<U16"
    )
    people.payment, carded = in_common(
        random,
        people.payment,
        numbers["accounts_a_card"],
        numbers["on_virtual_cards"],
        cast.frame(people.campaign, "cards"),
    )
    issuers = random.choice(["US", "HK", "GB", "SG"], size, p=[0.5, 0.2, 0.15, 0.15])
    people.payment_country = np.where(carded, issuers, people.payment_country).astype("<U2")
    people.device, _ = in_common(
        random, people.device, (2, 5), numbers["on_emulated_devices"], cast.frame(people.campaign, "emulators")
    )
    people.org[random.random(size) < 0.6] = 0
    people.pathway = random.choice(
        ["self_serve", "startup", "education", "security_research", "cloud"], size, p=[0.72, 0.09, 0.07, 0.04, 0.08]
    ).astype("<U18")
    people.plan = random.choice(["pay_as_you_go", "pro", "max"], size, p=[0.35, 0.3, 0.35]).astype("<U14")
    people.channel = random.choice([0, 2, 3], size, p=[0.55, 0.35, 0.1]).astype(np.int32)
    people.client = np.stack(
        [clients().pick(random, size, "gateway", "agent", "sdk", "browser") for _ in range(2)], axis=1
    )


def exits(cast: Cast, people: People, random: np.random.Generator, numbers: dict[str, Any]) -> None:
    """Cells of accounts that share a changing handful of proxies; some go out through homes, some through any VPN."""
    size = len(people)
    cell, _ = shared(random, size, numbers["accounts_a_cell"])
    for number in np.unique(cell):
        here = np.flatnonzero(cell == number)
        rented = networks.neighbours(random, max(2, len(here) // 3), "hosting", None, max(1, len(here) // 12))
        homes = networks.addresses(random, max(1, len(here) // 4), "access")
        people.pool[here] = cast.pool(np.concatenate([rented, homes]))
        people.signup_address[here] = np.where(
            random.random(len(here)) < 0.5,
            rented[random.integers(0, len(rented), len(here))],
            people.signup_address[here],
        )
    public = random.random(size) < numbers["behind_public_vpns"]
    people.pool = np.where(public & (cast.public_exits >= 0), cast.public_exits, people.pool).astype(np.int32)
    at_home = random.random(size) < numbers["on_residential_lines"]
    people.pool = np.where(at_home, NO_POOL, people.pool).astype(np.int32)
    people.address_mix[:] = ROTATING


def lives(cast: Cast, people: People, random: np.random.Generator, numbers: dict[str, Any]) -> None:
    """Bans, successors that take over within hours, and spares that wait."""
    size = len(people)
    chosen = random.permutation(size)
    banned = chosen[: max(1, round(size * numbers["banned"]))]
    rest = chosen[len(banned) :]
    people.banned[banned] = random.uniform(2.0, cast.days - 1.0, len(banned))
    people.stop[banned] = people.banned[banned]
    successors, spares = rest[: len(banned)], rest[len(banned) :]
    spares = spares[: max(1, round(size * numbers["spares"]))]
    people.role[spares] = "spare"
    soonest, latest = numbers["replaced_within_hours"]
    hours = soonest + (latest - soonest) * random.random(len(successors))
    people.succeeds[successors] = people.seed[banned][: len(successors)]
    people.start[successors] = people.banned[banned][: len(successors)] + hours / 24.0
    fresh = successors[random.random(len(successors)) < 0.5]  # the others were spares until then
    people.created[fresh] = people.start[fresh] - random.uniform(0.01, 0.08, len(fresh))
    twin = np.full(size, -1)
    twin[successors] = banned[: len(successors)]
    inherits = (twin >= 0) & (random.random(size) < numbers["successors_inherit"])
    people.pool[inherits] = people.pool[twin[inherits]]
    paid = inherits & (random.random(size) < 0.4)
    people.payment[paid] = people.payment[twin[paid]]


def resale(cast: Cast, people: People, rate: F64, random: np.random.Generator) -> None:
    """Customers of the reseller: developers mostly, in several languages, each with a life of their own."""
    kinds = [
        *(
            Kind(k.prompt, k.weight * share, k.follow, k.system, frame=k.frame, items=k.items)
            for language, share in (("en", 0.45), ("zh", 0.35), ("ru", 0.12), ("es", 0.08))
            for k in conversation_kinds(cast, language)
        ),
        *(
            Kind(k.prompt, 70, k.follow, k.system, k.tools, k.frame, long_context=True)
            for n in range(2)
            for k in agent_kinds(cast, cast.frame("agent client", n))
        ),
    ]
    people.zone = random.choice([8, 8, 8, 3, 1, -5], len(people)).astype(np.int32)
    cast.stream(
        f"{people.campaign} resale",
        people,
        rate,
        kinds,
        people.role != "spare",
        turns=3.5,
        gap=60.0,
        burst=0.7,
        sessions_logged=0.5,
        move=Move(0.3, 4.0),
        streamed=0.7,
    )


def stolen(
    cast: Cast, size: int, random: np.random.Generator, numbers: dict[str, Any], kinds: list[Kind], thieves: People
) -> People:
    """Old accounts of others: from one day on their keys carry somebody else's harvest as well."""
    people = cast.add(thieves.group, size, thieves.campaign)
    people.role[:] = "victim"
    people.created = -random.uniform(120, 600, size)
    people.start = np.zeros(size)
    people.channel[:] = 0
    rate = heavy(random, size, numbers["victims_own_exchanges_per_day"], 0.8)
    cast.stream("victims' own", people, rate, conversation_kinds(cast, "en"), turns=2.5, burst=0.6)
    used = cast.stream(
        "stolen keys",
        people,
        rate * numbers["victims_load"],
        kinds,
        rhythm="jobs",
        move=PIVOT,
        sessions_logged=0.5,
        temperatures=(1.0, 0.8),
        max_tokens=(4096, 8192, 16384),
        typos=0.0,
        pool=int(thieves.pool.max()),
        client=int(clients().pick(random, 1, "gateway")[0]),
    )
    used.start = random.uniform(3.0, cast.days * 0.8, size)
    return people
