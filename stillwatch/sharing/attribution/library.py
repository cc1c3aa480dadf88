"""The library of actors, from TOML: rows that are no good are set aside with a reason, and the others stay.

[[actors]]            id, name, source, grade; aliases, sought, reviewed
[[actors.indicators]] type, value; source, grade (else the actor's), valid_from, valid_until, campaign
[[actors.releases]]   model, day, source; capabilities
[[actors.earlier]]    campaign, templates (a file, from the folder of the library)
[[networks]]          id, tenants, source, grade; reviewed
[[networks.indicators]]
[[corroborations]]    campaign, actor, source, grade; origin
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from stillwatch.sharing.attribution.actors import (
    GRADES,
    ID,
    NEVER,
    OTHERS,
    TYPES,
    Actor,
    Corroboration,
    Earlier,
    Indicator,
    Library,
    Network,
    Release,
    SetAside,
    known_capabilities,
)
from stillwatch.toml_file import read_toml

OURSELVES = ("us", "ourselves", "own")  # origins of a corroboration that come back to whoever asks
_MOST = 4_096  # characters of a text: a value that is longer is a mistake in the file
_PARTS = ("actors", "networks", "corroborations")
_NO_PLACE = "where somebody comes from is no part of an attribution: take out {}"

One = TypeVar("One")


class _Refused(Exception):
    """Why a row is not used."""


def load(path: Path) -> Library:
    """What the file says; only a file that cannot be read at all is an error."""
    document = read_toml(
        path,
        "the library of actors cannot be read",
        "TOML with [[actors]], [[networks]] and [[corroborations]]",
        "docs/sharing-attribution.md shows one",
    )
    return read(document, path.parent)


def read(document: Mapping[str, Any], folder: Path = Path()) -> Library:
    """The same of what TOML gave; files that it names are looked for in `folder`."""
    aside = [SetAside(name, f"no such part; allowed: {', '.join(_PARTS)}") for name in document if name not in _PARTS]
    actors = _distinct(_rows(document, "actors", "", aside, lambda row, at: _actor(row, at, aside, folder)), aside)
    known = {one.id for one in actors}
    networks = _distinct(_rows(document, "networks", "", aside, lambda row, at: _network(row, at, aside, known)), aside)
    said = tuple(_rows(document, "corroborations", "", aside, lambda row, at: _corroboration(row, known)))
    return Library(actors, networks, said, tuple(aside))


def _rows(
    of: Mapping[str, Any], part: str, within: str, aside: list[SetAside], make: Callable[[Any, str], One]
) -> Iterator[One]:
    rows = of.get(part, [])
    if not isinstance(rows, list):
        aside.append(SetAside(f"{within}{part}", f"not a list of tables; allowed: [[{part}]]"))
        return
    for number, row in enumerate(rows):
        where = f"{within}{part}[{number}]"
        try:
            if not isinstance(row, dict):
                raise _Refused("not a table")
            if said := sorted(key for key in row if key.strip().lower().replace("-", "_") in NEVER):
                raise _Refused(_NO_PLACE.format(", ".join(said)))
            yield make(row, where)
        except _Refused as refused:
            aside.append(SetAside(where, str(refused)))


def _distinct(made: Iterator[Any], aside: list[SetAside]) -> tuple[Any, ...]:
    kept: dict[str, Any] = {}
    for one in made:
        if one.id in kept:
            aside.append(SetAside(one.id, "a second one of that id"))
        kept.setdefault(one.id, one)
    return tuple(kept.values())


def _actor(row: Mapping[str, Any], where: str, aside: list[SetAside], folder: Path) -> Actor:
    _only(row, "id name source grade aliases sought reviewed indicators releases earlier")
    name, source, grade = _id(row), _text(row, "source"), _grade(row)
    within = f"{where}."
    return Actor(
        name,
        _text(row, "name"),
        source,
        grade,
        _day(row, "reviewed"),
        _texts(row, "aliases"),
        _capabilities(row, "sought"),
        tuple(_rows(row, "indicators", within, aside, lambda one, at: _indicator(one, source, grade))),
        tuple(_rows(row, "releases", within, aside, lambda one, at: _release(one))),
        tuple(_rows(row, "earlier", within, aside, lambda one, at: _earlier(one, folder))),
    )


def _network(row: Mapping[str, Any], where: str, aside: list[SetAside], known: set[str]) -> Network:
    _only(row, "id tenants source grade reviewed indicators")
    source, grade, tenants = _text(row, "source"), _grade(row), _texts(row, "tenants")
    if strangers := sorted(set(tenants) - known):
        raise _Refused(f"tenants that are no actors of this library: {', '.join(strangers)}")
    indicators = tuple(_rows(row, "indicators", f"{where}.", aside, lambda one, at: _indicator(one, source, grade)))
    return Network(_id(row), tenants, source, grade, _day(row, "reviewed"), indicators)


def _corroboration(row: Mapping[str, Any], known: set[str]) -> Corroboration:
    _only(row, "campaign actor source grade origin")
    actor, source = _text(row, "actor"), _text(row, "source")
    if actor not in known:
        raise _Refused(f"no actor {actor!r} in this library")
    origin = _text(row, "origin", source)
    if origin.strip().lower() in OURSELVES:
        raise _Refused("it comes from ourselves: what comes back is no second source")
    return Corroboration(_text(row, "campaign"), actor, source, _grade(row), origin)


def _indicator(row: Mapping[str, Any], source: str, grade: str) -> Indicator:
    _only(row, "type value source grade valid_from valid_until campaign")
    kind = _text(row, "type")
    if kind not in TYPES:
        raise _Refused(f"no type {kind!r}; allowed: {', '.join(TYPES)}")
    return Indicator(
        kind, _text(row, "value"), _text(row, "source", source), _grade(row, grade), _day(row, "valid_from"),
        _day(row, "valid_until"), _text(row, "campaign", ""),
    )  # fmt: skip


def _release(row: Mapping[str, Any]) -> Release:
    _only(row, "model day source capabilities")
    day = _day(row, "day")
    if day is None:
        raise _Refused("day is missing")
    return Release(_text(row, "model"), day, _text(row, "source"), _capabilities(row, "capabilities"))


def _earlier(row: Mapping[str, Any], folder: Path) -> Earlier:
    _only(row, "campaign templates")
    return Earlier(_text(row, "campaign"), str(folder / _text(row, "templates")))


def _only(row: Mapping[str, Any], allowed: str) -> None:
    if others := sorted(set(row) - set(allowed.split())):
        raise _Refused(f"no field {', '.join(others)}; allowed: {', '.join(allowed.split())}")


def _text(row: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    value = row.get(name, otherwise)
    if not isinstance(value, str) or (not value.strip() and value != otherwise):
        raise _Refused(f"{name} is missing, or no text")
    if len(value) > _MOST:
        raise _Refused(f"{name} is longer than {_MOST:,} characters")
    return value


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or not all(isinstance(one, str) and 0 < len(one) <= _MOST for one in values):
        raise _Refused(f"{name} is no list of texts")
    return tuple(dict.fromkeys(values))


def _id(row: Mapping[str, Any]) -> str:
    value = _text(row, "id")
    if not ID.fullmatch(value) or value in OTHERS:
        raise _Refused(f"id {value!r}; allowed: a-z, 0-9 and -, and none of {', '.join(OTHERS)}")
    return value


def _grade(row: Mapping[str, Any], otherwise: str | None = None) -> str:
    value = _text(row, "grade", otherwise)
    if not GRADES.fullmatch(value):
        raise _Refused(f"grade {value!r}; allowed: A to F and 1 to 6, such as B2")
    return value


def _capabilities(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = _texts(row, name)
    if not known_capabilities(values):
        raise _Refused(f"{name} has a capability that no scan knows: {', '.join(values)}")
    return values


def _day(row: Mapping[str, Any], name: str) -> date | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise _Refused(f"{name} is no date; allowed: 2026-10-31, without quotes")
    return value
