"""What the vendors' formats have in common: a header, a keyed hash, a time, and JSON that is believed only after them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from stillwatch.verification.vendors.vendor import MOST_BYTES, TOLERANCE, Forged, NotUnderstood, Secret, Stale

_MOST_HEADER = 4_096  # characters: two signatures are some 200
_MOST_TEXT = 255  # characters of an id or a code, which is what the store's columns hold
_SECONDS = re.compile(r"[0-9]{1,11}")  # until the year 5138, which a date still holds


def header(headers: Mapping[str, str], name: str) -> str:
    """The one header of this name, which is given in lower case. Two of them are no signature at all."""
    found = [value for key, value in headers.items() if key.lower() == name]
    if len(found) != 1 or not found[0]:
        raise Forged(f"{name} is missing, or there more than once")
    if len(found[0]) > _MOST_HEADER:
        raise Forged(f"{name} is too long")
    return found[0]


def keys(secrets: Sequence[Secret]) -> list[bytes]:
    """Secrets as bytes, those that are empty left out: an empty key is one that everybody has."""
    found = [one if isinstance(one, bytes) else one.encode() for one in secrets]
    return [one for one in found if one]


def bounded(body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        raise Forged(f"more than {MOST_BYTES} bytes")
    return body


def digest(key: bytes, signed: bytes, algorithm: str = "sha256") -> str:
    """HMAC (RFC 2104), in hexadecimal."""
    return hmac.new(key, signed, algorithm).hexdigest()


def same(made: str | bytes, given: str | bytes) -> bool:
    """Compared in constant time, whatever characters are in it."""
    return hmac.compare_digest(_bytes(made), _bytes(given))


def any_same(made: Iterable[str | bytes], given: Sequence[str | bytes]) -> bool:
    """One of those made among those given; all are compared, so that the time tells nothing."""
    return sum(same(one, other) for one in made for other in given) > 0


def seconds(text: str) -> int:
    """Unix time of a header; what is no number was not signed by a vendor."""
    if not _SECONDS.fullmatch(text):
        raise Forged("the time is not a number of seconds")
    return int(text)


def fresh(signed_at: float, now: float, tolerance: float = TOLERANCE) -> None:
    """Told only of what is signed: who cannot sign learns nothing of our clock."""
    if signed_at < now - tolerance or signed_at > now + TOLERANCE:
        raise Stale(f"signed {now - signed_at:.0f} seconds ago")


def document(body: bytes) -> dict[str, Any]:
    """A JSON object."""
    try:
        found = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError):
        raise NotUnderstood("the body is not JSON") from None
    return part(found)


def part(found: Any, *names: str) -> dict[str, Any]:
    """An object, or the one that stands under these names within it."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise NotUnderstood(f"{'.'.join(names) or 'the body'} is not an object")
    return found


def text(value: Any) -> str:
    """An id or a code; empty for what is none, so that nothing else gets into the store or a page."""
    return value if isinstance(value, str) and len(value) <= _MOST_TEXT and value.isprintable() else ""


def needed(value: Any, name: str) -> str:
    """An id that must be there."""
    found = text(value)
    if not found:
        raise NotUnderstood(f"{name} is not an id")
    return found


def at(value: Any, now: float) -> float:
    """The vendor's own time, in seconds since 1970 or in ISO 8601; never later than now.

    Later news stands, so a vendor's clock that runs ahead must not shut out what comes after.
    """
    found: float
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = float(value)
    else:
        try:
            read = datetime.fromisoformat(needed(value, "the time"))
            found = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise NotUnderstood("the time is not in ISO 8601") from None
    if not found >= 0:  # NaN as well
        raise NotUnderstood("the time is before 1970")
    return min(found, now)


def named_by_body(body: bytes) -> str:
    """An id for vendors that give an event none: the same bytes are the same news."""
    return hashlib.sha256(body).hexdigest()


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
