"""How campaigns evade: turns a plan into the same campaigns' on a rung of the ladder (data/worlds/evasions.yaml).

Paraphrasing changes phrases and not the plan: see worlds/frames.py and worlds/paraphrase.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import networks, shipped
from stillwatch.worlds.dice import mix
from stillwatch.worlds.groups.individuals import A_PERSON, conversation_kinds
from stillwatch.worlds.people import F64, NO_POOL, RESIDENTIAL, ROTATING
from stillwatch.worlds.streams import Cast, Stream

Numbers = Mapping[str, Any]


def resized(numbers: Numbers, chosen: Mapping[str, Numbers]) -> dict[str, Any]:
    """A campaign's numbers when its accounts must send little: more accounts, as many as it can afford."""
    if "identities" not in chosen:
        return dict(numbers)
    rule = chosen["identities"]
    # Half of the limit, so that the busier half of the accounts is not cut off.
    times = min(rule["most_more_accounts"], math.ceil(numbers["exchanges_per_day"] / rule["exchanges_a_day"] * 2))
    more = {name: round(numbers[name] * times) for name in ("accounts", "at_least")}
    return {**numbers, **more, "exchanges_per_day": numbers["exchanges_per_day"] / times}


def evade(cast: Cast, chosen: Mapping[str, Numbers]) -> None:
    """Change the plan of every campaign."""
    if "residential" in chosen:
        _through_homes(cast)
    if "paraphrase" in chosen:
        _in_own_words(cast)
    if "mimicry" in chosen:
        _among_ordinary(cast, chosen["mimicry"]["ordinary_share"])
    if "identities" in chosen:
        _as_strangers(cast, chosen["identities"]["exchanges_a_day"])


def _through_homes(cast: Cast) -> None:
    """Victims keep their own lines; who uses their keys rents others."""
    for people in cast.people:
        if people.campaign:
            rented = people.role != "victim"
            people.pool[rented] = RESIDENTIAL
            people.address_mix[rented] = ROTATING
            own = networks.residential(mix(people.seed, "sign-up"), people.country)
            people.signup_address = np.where(rented, own, people.signup_address).astype(np.uint32)
    for stream in cast.harvests:
        if stream.pool != NO_POOL:
            stream.pool = RESIDENTIAL


def _in_own_words(cast: Cast) -> None:
    """Real rows that bring a frame of their own cannot be put in other words, and are left out."""
    cast.paraphrased = True
    for stream in cast.harvests:
        stream.kinds = [kind for kind in stream.kinds if not kind.deck.endswith("_framed")] or stream.kinds


def _among_ordinary(cast: Cast, ordinary_share: float) -> None:
    """Cuts every account's harvest to its share, fills up with ordinary traffic, and spreads both over its country's day."""
    lands = shipped.read("people.yaml")
    for people in cast.people:
        if people.campaign:
            people.zone = np.array([lands[one]["zones"][0] for one in people.country], np.int32)
    harvests = cast.harvests
    harvested, everything = _rates(cast, harvests), _rates(cast, [one for one in cast.streams if one.campaign])
    allowed = everything * (1.0 - ordinary_share)
    kept = np.minimum(1.0, np.divide(allowed, harvested, out=np.ones_like(allowed), where=harvested > 0))
    missing = harvested * (1.0 - kept)
    language = np.concatenate([one.language for one in cast.people])
    for stream in harvests:
        share = stream.rate / np.maximum(harvested[stream.accounts], 1e-12)
        stream.rate = stream.rate * kept[stream.accounts]
        stream.rhythm, stream.burst = "human", 0.6
        _fill(cast, stream, missing[stream.accounts] * share, language[stream.accounts])


def _fill(cast: Cast, harvest: Stream, rate: F64, language: npt.NDArray[np.str_]) -> None:
    """What a person would ask, on the accounts that a harvest runs on, while it runs."""
    for name in np.unique(language[rate > 0]):
        some = np.flatnonzero((rate > 0) & (language == name))
        cast.streams.append(
            Stream(
                f"{harvest.name}, ordinary {name}",
                harvest.accounts[some],
                rate[some],
                harvest.start[some],
                harvest.stop[some],
                conversation_kinds(cast, str(name)),
                harvest.campaign,
                **A_PERSON,
                pool=harvest.pool,
                client=harvest.client,
            )
        )


def _as_strangers(cast: Cast, most: float) -> None:
    for people in cast.people:
        if people.campaign:
            mine = people.role != "victim"  # a victim's identity is not the campaign's to choose
            people.payment = np.where(mine & (people.payment != 0), mix(people.seed, "card"), people.payment)
            people.payment_country = np.where(mine, people.country, people.payment_country)
            people.email = np.where(mine, "email_person", people.email).astype(people.email.dtype)
            people.batch = np.where(mine, people.seed, people.batch)
    streams = [one for one in cast.streams if one.campaign]
    kept = np.minimum(1.0, most / np.maximum(_rates(cast, streams), 1e-12))
    for stream in streams:
        stream.rate = stream.rate * kept[stream.accounts]


def _rates(cast: Cast, streams: list[Stream]) -> F64:
    """Exchanges a day of every account through these streams."""
    total = np.zeros(cast.size)
    for stream in streams:
        np.add.at(total, stream.accounts, stream.rate)
    return total
