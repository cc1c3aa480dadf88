"""What a request selects from a collection, by its URL parameters (3.4). One that is malformed is an error, never ignored."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stillwatch.sharing.stix.checked import is_id, is_type
from stillwatch.sharing.taxii import instants
from stillwatch.sharing.taxii.media import SPEC_VERSION

MOST_OBJECTS = 1_000  # of a page, whatever the client's limit is
_LIMIT = re.compile(r"0*[1-9][0-9]{0,15}", re.ASCII)  # more digits are no integer of TAXII
_SPEC_VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_WORDS = ("first", "last", "all")


class BadQuery(Exception):
    """A parameter that cannot be understood. `why` is for whoever sent it."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"{parameter}: {why}")
        self.parameter, self.why = parameter, why


@dataclass(frozen=True)
class Query:
    """All conditions have to hold; of a list that is empty, none is asked."""

    after: int = 0  # added later than this instant, microseconds since 1970
    limit: int = MOST_OBJECTS
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    first: bool = False  # any of these four is enough
    last: bool = False
    all: bool = False
    versions: tuple[str, ...] = ()  # as instants.version writes them
    spec_version: bool = True  # whether objects of STIX 2.1 are among those that are asked for

    @property
    def of_any_version(self) -> bool:
        """Whether nothing was asked about versions."""
        return not (self.first or self.last or self.all or self.versions)


def read(pairs: Sequence[tuple[str, str]], fields: Sequence[str] = ("id", "type", "version", "spec_version")) -> Query:
    """The query of an endpoint that knows these fields of match; others are not looked at, as 3.4 allows. BadQuery."""
    told: dict[str, str] = {}
    for name, value in pairs:
        if name in told:
            raise BadQuery(name, "stated more than once")
        told[name] = value
    after = max(_after(told), _next(told))
    listed = {one: _list(f"match[{one}]", told[f"match[{one}]"]) for one in fields if f"match[{one}]" in told}
    versions = _versions(listed.get("version", ()))
    asked = _each(listed, "spec_version", _SPEC_VERSION.fullmatch, "versions such as 2.1")
    return Query(
        after=after,
        limit=_limit(told),
        ids=_each(listed, "id", is_id, "type--UUID"),
        types=_each(listed, "type", is_type, "names of types"),
        first="first" in versions,
        last="last" in versions,
        all="all" in versions,
        versions=tuple(one for one in versions if one not in _WORDS),
        spec_version=not asked or SPEC_VERSION in asked,
    )


def only(pairs: Sequence[tuple[str, str]], fields: Sequence[str]) -> Query:
    """The same for what cannot be undone: a parameter that is not known there is an error. BadQuery."""
    known = [f"match[{one}]" for one in fields]
    for name, _ in pairs:
        if name not in known:
            raise BadQuery(name, f"only {' and '.join(known)} are taken here")
    return read(pairs, fields)


def following(added: int) -> str:
    """What `next` says: after the object that was added then. It carries no right, and is read with the query it comes with."""
    return base64.urlsafe_b64encode(struct.pack(">q", added)).decode().rstrip("=")


def _next(told: dict[str, str]) -> int:
    if "next" not in told:
        return 0
    try:
        raw = base64.b64decode(told["next"].encode("ascii") + b"=", altchars=b"-_", validate=True)
        (found,) = struct.unpack(">q", raw)
    except (UnicodeEncodeError, binascii.Error, struct.error):
        found = -1
    if not 0 <= found <= instants.MOST:
        raise BadQuery("next", "not a value that this server gave")
    return int(found)


def _after(told: dict[str, str]) -> int:
    try:
        return instants.micros(told["added_after"]) if "added_after" in told else 0
    except instants.NoInstant:
        raise BadQuery("added_after", "an instant such as 2026-01-31T12:00:00.000000Z was expected") from None


def _limit(told: dict[str, str]) -> int:
    text = told.get("limit", str(MOST_OBJECTS))
    if not _LIMIT.fullmatch(text):
        raise BadQuery("limit", "an integer greater than zero was expected")
    return min(int(text), MOST_OBJECTS)


def _list(name: str, text: str) -> tuple[str, ...]:
    found = tuple(text.split(","))
    if not all(found):
        raise BadQuery(name, "values with commas between them were expected")
    return found


def _each(listed: dict[str, tuple[str, ...]], name: str, is_one: Callable[[str], object], form: str) -> tuple[str, ...]:
    found = listed.get(name, ())
    if not all(is_one(one) for one in found):
        raise BadQuery(f"match[{name}]", f"{form} were expected")
    return tuple(dict.fromkeys(found))


def _versions(values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        found = tuple(one if one in _WORDS else instants.version(one) for one in values)
    except instants.NoInstant:
        raise BadQuery("match[version]", "first, last, all, or instants such as 2026-01-31T12:00:00.000Z") from None
    if len(set(found)) < len(found):
        raise BadQuery("match[version]", "stated more than once")
    if "all" in found and len(found) > 1:
        raise BadQuery("match[version]", "all stands alone")
    return found
