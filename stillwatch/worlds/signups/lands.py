"""Countries as sign-ups tell of them: clocks, languages, names, mail hosts, schools, and the books of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import shipped
from stillwatch.worlds.grammar import Grammar, compile_books

Texts = npt.NDArray[np.str_]
_TIMES = re.compile(r"^(\d+)× ?")
_PUBLIC = ("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me", "fastmail.com")
SCHOOL_SCHEMES = 6  # in signups_mail.yaml
RELAYS = (
    "privaterelay.appleid.com",
    "duck.com",
    "mozmail.com",
    "simplelogin.com",
    "passmail.net",
)  # forward, hide nothing bad
FREE = _PUBLIC[:5]  # hosts that sellers of mailboxes offer anywhere


def numbers() -> dict[str, Any]:
    """The numbers of worlds of sign-ups, with their reasons beside them in the file."""
    return dict(shipped.read("signups.yaml"))


def land(country: str) -> dict[str, Any]:
    return dict(shipped.read("signups_lands.yaml")[country])


def people_of(country: str) -> dict[str, Any]:
    return dict(shipped.read("people.yaml")[country])


@cache
def countries() -> tuple[Texts, npt.NDArray[np.float64]]:
    """Every country people live in, and its share of sign-ups."""
    lands = shipped.read("people.yaml")
    share = np.array([one["share"] for one in lands.values()], float)
    return np.array(list(lands)), share / share.sum()


@cache
def _weighted(country: str, field: str) -> tuple[Texts, npt.NDArray[np.float64]]:
    found = [_TIMES.match(one) for one in land(country)[field]]
    names = [one[match.end() :] if match else one for one, match in zip(land(country)[field], found, strict=True)]
    weight = np.array([int(match[1]) if match else 1 for match in found], float)
    return np.array(names), weight / weight.sum()


def drawn(rng: np.random.Generator, size: int, country: str, field: str) -> Texts:
    """What people of a country have: its `hosts` or `locales`, the common ones more often."""
    names, weight = _weighted(country, field)
    return np.asarray(names[rng.choice(len(names), size, p=weight)])


def clocks(rng: np.random.Generator, zone: npt.NDArray[np.int32], country: str) -> Texts:
    """IANA names for hours from UTC in a country; where it has no such hour, its first."""
    known = land(country)["zones"]
    out = np.full(len(zone), next(iter(known.values()))[0], dtype="<U20")
    for hours, names in known.items():
        here = np.flatnonzero(zone == hours)
        out[here] = rng.choice(names, len(here))
    return out


@cache
def old_hosts() -> frozenset[str]:
    """Mail hosts of the public: older than any account, and no secret."""
    of_lands = {str(one) for country in countries()[0] for one in _weighted(str(country), "hosts")[0]}
    schools = {one for country in countries()[0] for one in land(str(country))["academic"]}
    return frozenset(of_lands | set(_PUBLIC) | set(RELAYS) | schools | set(throwaway_hosts()))


def school_schemes(hosts: Texts) -> Texts:
    """How each school names its mailboxes."""
    names, place = np.unique(hosts, return_inverse=True)
    schemes = np.array([f"school_{crc32(str(one).encode()) % SCHOOL_SCHEMES}" for one in names], np.str_)
    return np.asarray(schemes[place])


@cache
def throwaway_hosts() -> tuple[str, ...]:
    return tuple(one.strip() for one in shipped.read("grammar/words.yaml")["throwaway_host"].split("|"))


@cache
def grammar() -> Grammar:
    """Names and mail addresses, compiled; patterns once for the names of each language."""
    books: dict[str, list[str]] = {"hex": _bars(shipped.read("grammar/words.yaml")["hex"])}
    books |= {name: _bars(one) for name, one in shipped.read("signups_names.yaml").items()}
    for language in sorted({land(str(one))["names"] for one in countries()[0]}):
        for name, patterns in shipped.read("signups_mail.yaml").items():
            books[f"{name}:{language}"] = [one.replace("_XX", f"_{language}") for one in patterns]
    return compile_books(books)


def _bars(value: str | Sequence[str]) -> list[str]:
    return [one.strip() for one in value.split("|")] if isinstance(value, str) else list(value)
