"""Values taken out of a foreign record: by path and by kind, without ever raising.

A log of somebody else's may hold anything anywhere. What is not of the kind that was looked for is as good as absent:
an odd temperature must not cost the exchange.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

_MOST = 2**31 - 1  # of a count: the contract's columns are 32 bits wide
_PLAUSIBLE = (946_684_800, 4_102_444_800)  # seconds since 1970: the years 2000 to 2100
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def at(record: Any, *path: str | int) -> Any:
    """What stands at this path of keys and list places, or None."""
    for step in path:
        if isinstance(record, dict):
            record = record.get(step)
        elif isinstance(record, list) and isinstance(step, int) and -len(record) <= step < len(record):
            record = record[step]
        else:
            return None
    return record


def word(*candidates: Any) -> str | None:
    """The first of these that is text with something in it, or a whole number, as text."""
    for one in candidates:
        if isinstance(one, str) and one:
            return one
        if isinstance(one, int) and not isinstance(one, bool):
            return str(one)
    return None


def whole(*candidates: Any) -> int | None:
    """The first of these that is a count, also one written as text or with a fraction of zero."""
    for one in candidates:
        number = _number(one)
        if number is not None and number == int(number) and abs(number) <= _MOST:
            return int(number)
    return None


def number(*candidates: Any) -> float | None:
    """The first of these that is a number."""
    return next((found for one in candidates if (found := _number(one)) is not None), None)


def flag(value: Any) -> bool | None:
    """Whether something was asked for; of a number, whether it is more than none."""
    if isinstance(value, bool):
        return value
    found = _number(value)
    if found is not None:
        return found > 0
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def parsed(value: Any) -> Any:
    """JSON that stands in a text, as tables and span attributes hold it; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def instant(value: Any, unit: str = "") -> Any:
    """An instant as RFC 3339 text. `unit` is of numbers: s, ms, us or ns since 1970.

    A number that is no instant in this unit stays a number, so that the row is set aside and told what it looks like.
    """
    if isinstance(value, datetime):
        return value.isoformat()
    if unit and (count := _number(value)) is not None:
        per_second = PER_SECOND[unit]
        if _PLAUSIBLE[0] <= count / per_second < _PLAUSIBLE[1]:
            return datetime.fromtimestamp(count / per_second, UTC).isoformat()
        return count
    return value if isinstance(value, (str, int, float)) else None


def _number(value: Any) -> float | None:
    """Finite, or None."""
    if isinstance(value, str):
        try:
            value = float(value) if len(value) <= 32 else None  # no count has more digits
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    found = float(value) if abs(value) < 1e300 else None
    return found if found is not None and found == found else None
