"""People who use the model for themselves: many languages, own card and device, evenings and working days.

They look like a campaign where they share something by accident: a household's address and card, an operator's address
for thousands of phones, a prompt that went around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.people import People, shared
from stillwatch.worlds.streams import Cast, Kind, Move, heavy

LANGUAGES = ("en", "de", "fr", "es", "zh", "ru", "ja")


# How people use the model: turns a conversation, seconds between them, uneven days, most sessions logged, a slow move.
A_PERSON: dict[str, Any] = {"turns": 3.2, "gap": 85.0, "burst": 0.6, "sessions_logged": 0.75, "move": Move(0.3, 4.0)}


def individuals(cast: Cast, numbers: dict[str, Any]) -> None:
    random = cast.rng("individuals")
    people = cast.add("individuals", cast.count(numbers))
    _households(people, random, numbers)
    _phones(people, random, numbers)
    private_lives(cast, people, random, numbers)


def private_lives(cast: Cast, people: People, random: np.random.Generator, numbers: dict[str, Any]) -> None:
    """Comings and goings of people who use the model for themselves, and what they ask."""
    size = len(people)
    late = random.random(size) < numbers["new_in_window"]
    people.created = np.where(late, random.random(size) * (cast.days - 0.5), people.created)
    people.start = np.maximum(people.created + random.exponential(0.3, size) * late, 0.0)
    banned = random.random(size) < numbers["banned_for_other_reasons"]
    people.banned = np.where(banned, people.start + random.random(size) * (cast.days - people.start), np.nan)
    closed = ~banned & (random.random(size) < numbers["closed_by_owner"])
    people.closed = np.where(closed, people.start + random.random(size) * (cast.days - people.start), np.nan)
    people.stop = np.fmin(np.fmin(people.stop, people.banned), people.closed)
    rate = heavy(random, size, numbers["exchanges_per_day"], numbers["sigma"])
    for language in LANGUAGES:
        members = people.language == language
        if members.any():
            cast.stream(
                f"{people.group} {language}",
                people,
                rate,
                conversation_kinds(cast, language),
                members,
                **A_PERSON,
            )


def conversation_kinds(cast: Cast, language: str) -> list[Kind]:
    """What somebody asks in a language, now and then with a prompt that went around or an app's instructions."""
    made = f"ask_{language}"
    first = cast.word("ask_real", made) if language == "en" else made
    popular = cast.frame("popular")
    kinds = [
        Kind(first, 80, follow=f"follow_{language}"),
        Kind(first, 14, follow=f"follow_{language}", system="system_personal"),
    ]
    if language == "en":
        kinds += [
            Kind("popular", 3, follow="follow_en", frame=popular, items=120, items_change=60.0),
            Kind(first, 2, follow="follow_en", system=cast.word("real_pattern", "system_personal")),
        ]
    return kinds


def _households(people: People, random: np.random.Generator, numbers: dict[str, Any]) -> None:
    home, some = shared(random, len(people), (2, 4), numbers["in_a_household"])
    first = np.unique(home, return_index=True)[1][home]  # whose line, and perhaps whose card, it is
    people.address[some, 0] = people.address[first, 0][some]
    people.zone[some] = people.zone[first][some]
    people.country[some] = people.country[first][some]
    same_card = some & (random.random(len(people)) < 0.4)
    people.payment[same_card] = people.payment[first][same_card]
    same_device = some & (random.random(len(people)) < 0.1)
    people.device[same_device] = people.device[first][same_device]


def _phones(people: People, random: np.random.Generator, numbers: dict[str, Any]) -> None:
    """Behind an operator's address with strangers, at home as well or not."""
    mobile = random.random(len(people)) < numbers["behind_an_operators_address"]
    for country in np.unique(people.country[mobile]):
        here = mobile & (people.country == country)
        carrier = networks.addresses(random, max(1, int(here.sum()) // 25), "access", str(country))
        people.address[here, 1] = carrier[random.integers(0, len(carrier), int(here.sum()))]
        people.address[here, 0] = np.where(
            random.random(int(here.sum())) < 0.5, people.address[here, 1], people.address[here, 0]
        )
