"""Instants as TAXII and STIX write them. Those of the server are whole microseconds since 1970, UTC (2, `timestamp`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.([0-9]{1,32}))?Z", re.ASCII)
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 253_402_300_799_999_999  # the last microsecond of the year 9999, after which there is no way to write one


class NoInstant(ValueError):
    """A text that is no instant in UTC."""


def written(micros: int) -> str:
    """With six digits and a Z, as 2 demands of every timestamp of TAXII."""
    return f"{_BEGAN + timedelta(microseconds=micros):%Y-%m-%dT%H:%M:%S.%f}Z".zfill(27)


def micros(text: str) -> int:
    """Digits after the sixth are cut off: then an object is told once more, and none is missed. NoInstant."""
    at, fraction = _parts(text)
    return (at - _BEGAN) // timedelta(microseconds=1) + int(fraction[:6].ljust(6, "0"))


def version(text: str) -> str:
    """The same text for the same instant, which sorts as instants do: STIX lets a version have any number of digits.

    `2020-01-01T00:00:00.500Z` and `2020-01-01T00:00:00.5Z` are one version. NoInstant.
    """
    at, fraction = _parts(text)
    return f"{at:%Y-%m-%dT%H:%M:%S}".zfill(19) + "." + fraction.rstrip("0")


def _parts(text: str) -> tuple[datetime, str]:
    found = _FORM.fullmatch(text)
    if not found:
        raise NoInstant(text)
    try:
        at = datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise NoInstant(text) from None
    return at, found[2] or ""
