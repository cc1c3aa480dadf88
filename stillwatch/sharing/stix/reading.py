"""Bundles and envelopes that others sent, read with every bound in place before anything is made of them.

A document that is none, or is larger than it may be, is refused as a whole. In a document that is one, each object is taken or
set aside by itself: a bad object costs the good ones nothing. References that lead nowhere, or in a circle, are ordinary here
(an object may be on another server, two may vouch for each other); nothing follows them further than one step.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.sharing.stix.checked import BadObject, Repeated, checked, instant, is_id
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.limits import LIMITS, Limits
from stillwatch.sharing.stix.nesting import nesting

ALLOWED = "a STIX 2.1 bundle: a JSON object with type 'bundle' and a list 'objects'"
_LONGEST_NUMBER = 25  # digits of an integer that is made at all: longer ones are too large, and quadratic to make


class Refused(UnknownFormat):
    """A document of which nothing is taken."""


@dataclass(frozen=True)
class Rejected:
    """An object that was set aside."""

    place: int  # in the document's list, from 0
    id: str  # empty where it has none that can be read
    what: str
    why: str

    @property
    def reason(self) -> str:
        """Both, in one of a few sentences that never quote the object."""
        return f"{self.what}: {self.why}"


@dataclass(frozen=True)
class Read:
    """What was taken of a document, in its order, and what was set aside of it."""

    objects: tuple[Object, ...]
    rejected: tuple[Rejected, ...]  # the first `Limits.rejected` of them
    reasons: Counter[str]  # of all of them
    repeated: int = 0  # objects that stood in it before, word for word


def objects(data: bytes | Path, limits: Limits = LIMITS, envelope: bool = False) -> Read:
    """The objects of a bundle; with `envelope`, of a TAXII 2.1 envelope as well. Refused where it is neither."""
    where = str(data) if isinstance(data, Path) else ""
    document = _parsed(within(data, limits) if isinstance(data, Path) else data, limits, where)
    is_bundle = isinstance(document, dict) and document.get("type") == "bundle"
    is_envelope = envelope and isinstance(document, dict) and "type" not in document
    if isinstance(document, Repeated) or not (is_bundle or is_envelope):
        raise Refused("this is no STIX bundle", where, ALLOWED)
    given = document.get("objects", [])
    if not isinstance(given, list):
        raise Refused("its 'objects' are no list", where, ALLOWED)
    if len(given) > limits.objects:
        raise Refused(f"it has more than {limits.objects:,} objects", where, ALLOWED, "split it")
    return _taken(given, limits)


def within(file: Path, limits: Limits = LIMITS) -> bytes:
    """The bytes of a file, or as many as show that it is too large."""
    try:
        with file.open("rb") as opened:
            return opened.read(limits.bytes + 1)
    except OSError as problem:
        raise NothingToRead(f"cannot be read: {problem.strerror}", str(file), ALLOWED) from None


def _parsed(data: bytes, limits: Limits, where: str) -> Any:
    if len(data) > limits.bytes:
        raise Refused(f"it is larger than {limits.bytes:,} bytes", where, ALLOWED, "split it")
    shape = nesting(data)
    if shape.depth > limits.depth:
        raise Refused(f"it is nested deeper than {limits.depth}", where, ALLOWED)
    if shape.values > limits.values:
        raise Refused(f"it has more than {limits.values:,} values", where, ALLOWED, "split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("it is not UTF-8", where, ALLOWED) from None
    try:
        # json and not orjson: that one takes the last of two equal keys in silence.
        return json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_float=float, parse_constant=_none)
    except (ValueError, RecursionError):
        raise Refused("it is no JSON", where, ALLOWED) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(made)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf  # which `checked` refuses


def _none(_: str) -> float:
    return math.nan  # NaN and Infinity: not JSON, written by Python all the same; `checked` refuses the object


def _taken(given: Sequence[Any], limits: Limits) -> Read:
    good: dict[int, Object] = {}
    bad: dict[int, BadObject] = {}
    for place, one in enumerate(given):
        try:
            checked(one, limits)
            good[place] = one
        except BadObject as problem:
            bad[place] = problem
    repeated = 0
    for places in _same_version(good):
        first = orjson.dumps(good[places[0]], option=orjson.OPT_SORT_KEYS)
        if all(orjson.dumps(good[place], option=orjson.OPT_SORT_KEYS) == first for place in places[1:]):
            repeated += len(places) - 1
            for place in places[1:]:
                del good[place]
        else:
            for place in places:  # which of them was meant, nobody can tell
                del good[place]
                bad[place] = BadObject("id", "stands with another content as well, in the same version")
    rejected = [Rejected(place, _id(given[place]), problem.what, problem.why) for place, problem in sorted(bad.items())]
    reasons = Counter(one.reason for one in rejected)
    return Read(tuple(good[place] for place in sorted(good)), tuple(rejected[: limits.rejected]), reasons, repeated)


def _same_version(good: dict[int, Object]) -> Iterable[list[int]]:
    """Places of objects that are the same version of the same, where there are several."""
    by_version: dict[tuple[str, Any], list[int]] = {}
    for place, one in good.items():
        by_version.setdefault((one["id"], instant(one.get("modified"))), []).append(place)
    return [places for places in by_version.values() if len(places) > 1]


def _id(one: Any) -> str:
    found = one.get("id") if isinstance(one, dict) else None
    return found if isinstance(found, str) and is_id(found) else ""


__all__ = ["ALLOWED", "BadObject", "Read", "Refused", "Rejected", "checked", "objects", "within"]
