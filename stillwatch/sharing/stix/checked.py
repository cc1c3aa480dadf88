"""One STIX object that others sent: whether it is one, and says nothing that cannot be.

What is told of a bad one never quotes it. Script, direction marks and invisible letters in names are text and stay so; where
a name is shown, `stillwatch.render.visible` writes them out. Types, extensions and properties that we do not know are kept.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.limits import LIMITS, Limits

_TYPE = re.compile(r"[a-z0-9][a-z0-9-]{1,248}[a-z0-9]", re.ASCII)
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ID = re.compile(rf"([a-z0-9][a-z0-9-]{{1,248}}[a-z0-9])--{_UUID}", re.ASCII)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d)(\.\d{1,32})?Z", re.ASCII)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # no database takes the one, no encoding the others
_WHOLE = 2**53 - 1  # largest integer that every JSON reader has exactly; STIX 2.1 section 2.6 takes the same
_EARLIEST, _LATEST = 1970, 2200  # years: before and after, a clock is wrong
# Shown on one line, where the object is of the type that the standard gives it to: in another it may be anything.
_SHOWN = {
    "relationship_type": "relationship", "opinion": "opinion", "pattern_type": "indicator", "identity_class": "identity",
    "context": "grouping", "abstract": "note",
}  # fmt: skip
_FORMS = ("2.0", "2.1")
OPINIONS = ("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree")

# Properties without which an object of the type says nothing (STIX 2.1, sections 4 and 5), `name` left to whoever shows it.
_NEEDED = {
    "indicator": ("pattern", "valid_from"),
    "relationship": ("relationship_type", "source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
    "opinion": ("opinion", "object_refs"),
    "observed-data": ("first_observed", "last_observed", "number_observed"),
}
# What was made and is changed by versions; types that we do not know may or may not be, and observables never are.
_VERSIONED = set(_NEEDED) | set(
    "attack-pattern campaign course-of-action grouping identity infrastructure intrusion-set location malware "
    "malware-analysis note opinion report threat-actor tool vulnerability".split()
)
_REFERS_TO = {"created_by_ref": ("identity",), "object_marking_refs": ("marking-definition",)}
_ORDER = (("created", "modified"), ("valid_from", "valid_until"), ("first_seen", "last_seen"),
          ("first_observed", "last_observed"))  # fmt: skip
_MAY_BE_ITS_OWN = {("identity", "created_by_ref")}


class BadObject(ValueError):
    """An object that is not taken: `what` of it, and `why`. Neither quotes it."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


class Repeated(dict[str, Any]):
    """A JSON object in which a key stood twice: two readers would read two things."""


def checked(one: Object, limits: Limits = LIMITS) -> None:
    """Raises BadObject unless it can be taken."""
    if not isinstance(one, dict):
        raise BadObject("object", "is no JSON object")
    _values(one, limits)
    kind = one.get("type")
    if not isinstance(kind, str) or not is_type(kind):
        raise BadObject("type", "is missing, or no name of a type")
    if kind == "bundle":
        raise BadObject("type", "is a bundle inside a bundle")
    if not is_id(one.get("id"), (kind,)):
        raise BadObject("id", "is not of the form TYPE--UUID, with the object's own type")
    if one.get("spec_version", "2.1") not in _FORMS:
        raise BadObject("spec_version", "is neither 2.0 nor 2.1")
    for name in ("created", "modified") if kind in _VERSIONED else ():
        if name not in one:
            raise BadObject(name, "is missing")
    for name in _NEEDED.get(kind, ()):
        if name not in one:
            raise BadObject(name, "is missing")
    _instants(one)
    _references(one, kind)
    _said(one, kind, limits)


def is_type(text: str) -> bool:
    """Whether it can be the name of a type."""
    return _TYPE.fullmatch(text) is not None


def is_id(value: Any, types: tuple[str, ...] = ()) -> bool:
    """Whether it is an id of a STIX object, of one of these types where any are named."""
    if not isinstance(value, str) or len(value) > 300:
        return False
    found = _ID.fullmatch(value)
    return found is not None and (not types or found[1] in types)


def instant(text: Any) -> datetime | None:
    """A STIX timestamp, to the microsecond; None for what is none."""
    found = _INSTANT.fullmatch(text) if isinstance(text, str) and len(text) <= 60 else None
    if found is None:
        return None
    try:
        whole = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    if not _EARLIEST <= whole.year < _LATEST:
        return None
    return whole.replace(microsecond=int((found[2] or ".0")[1:7].ljust(6, "0")))


def _values(one: Object, limits: Limits) -> None:
    """Every value inside, without a frame for each level: what is deep is refused, not followed."""
    waiting: list[tuple[Any, int]] = [(one, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            _text(value, limits)
        elif isinstance(value, bool) or value is None:
            continue
        elif isinstance(value, int):
            if abs(value) > _WHOLE:
                raise BadObject("number", "is larger than JSON can carry exactly")
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise BadObject("number", "is not finite")
        elif depth > limits.depth:
            raise BadObject("nesting", f"is deeper than {limits.depth}")
        elif isinstance(value, list):
            if len(value) > limits.items:
                raise BadObject("list", f"has more than {limits.items:,} items")
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, Repeated):
            raise BadObject("key", "stands twice in one object")
        elif isinstance(value, dict):
            if len(value) > limits.items:
                raise BadObject("object", f"has more than {limits.items:,} keys")
            for name, item in value.items():
                if not isinstance(name, str) or not 0 < len(name) <= limits.name:
                    raise BadObject("key", f"is empty, or longer than {limits.name:,} characters")
                if _NO_TEXT.search(name):
                    raise BadObject("key", "holds characters that are none")
                waiting.append((item, depth + 1))
        else:
            raise BadObject("value", "is nothing that JSON has")


def _text(value: str, limits: Limits) -> None:
    if len(value) > limits.characters:
        raise BadObject("text", f"is longer than {limits.characters:,} characters")
    if _NO_TEXT.search(value):
        raise BadObject("text", "holds characters that are none")


def _instants(one: Object) -> None:
    found = {}
    for name in dict.fromkeys(name for pair in _ORDER for name in pair):
        if name in one:
            found[name] = instant(one[name])
            if found[name] is None:
                raise BadObject(name, f"is no timestamp in UTC of {_EARLIEST} to {_LATEST}")
    for earlier, later in _ORDER:
        one_time, other = found.get(earlier), found.get(later)
        if one_time and other and (other < one_time or (other == one_time and later == "valid_until")):
            raise BadObject(later, f"is before {earlier}")


def _references(one: Object, kind: str) -> None:
    for name, value in one.items():
        single = name.endswith("_ref")
        if not (single or name.endswith("_refs")) or kind == "language-content":
            continue
        ids = [value] if single else value
        if not isinstance(ids, list) or not ids or not all(is_id(item, _REFERS_TO.get(name, ())) for item in ids):
            raise BadObject(_known(name), "refers to what is no id of a type that it may refer to")
        if one["id"] in ids and (kind, name) not in _MAY_BE_ITS_OWN:
            raise BadObject(_known(name), "refers to the object itself")
    if kind == "relationship" and one["source_ref"] == one["target_ref"]:
        raise BadObject("target_ref", "relates an object to itself")


def _known(name: str) -> str:
    """A property's name where it is STIX's own; others are not repeated."""
    ours = {*_REFERS_TO, *(name for names in _NEEDED.values() for name in names)}
    return name if name in ours else "reference"


def _said(one: Object, kind: str, limits: Limits) -> None:
    """What single properties may hold."""
    for name in ("name", *(name for name, of in _SHOWN.items() if of == kind)):
        if name in one and (not isinstance(one[name], str) or len(one[name]) > limits.name):
            raise BadObject(name, f"is no text of at most {limits.name:,} characters")
    if not isinstance(one.get("revoked", False), bool):
        raise BadObject("revoked", "is neither true nor false")
    sure = one.get("confidence", 0)
    if isinstance(sure, bool) or not isinstance(sure, int) or not 0 <= sure <= 100:
        raise BadObject("confidence", "is no whole number from 0 to 100")
    labels = one.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BadObject("labels", "is no list of texts")
    if kind == "opinion" and one["opinion"] not in OPINIONS:
        raise BadObject("opinion", "is none of the five that there are")
    count = one.get("count", 0)
    if kind == "sighting" and (isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 999_999_999):
        raise BadObject("count", "is no whole number from 0 to 999,999,999")
    if kind == "indicator":
        pattern = one["pattern"]
        if not isinstance(pattern, str) or not 0 < len(pattern) <= limits.pattern:
            raise BadObject("pattern", f"is no text of 1 to {limits.pattern:,} characters")
