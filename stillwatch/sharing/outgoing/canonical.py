"""One text for one JSON value (RFC 8785), and the digest of that: what is approved is what leaves, to the byte."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import rfc8785

from stillwatch.errors import BadConfiguration, UnknownFormat

MOST_BYTES = 256 * 1024 * 1024  # of a draft: fifty times a bundle of 24,000 accounts
MOST_WHOLE = 2**53 - 1  # beyond it, JSON readers round whole numbers
_WITH_EXPONENT = 1e21  # from here on numbers are written with one
_ALLOWED = "JSON as RFC 8785 reads it: UTF-8, no name twice, whole numbers within 2⁵³, nothing infinite"


def canonical(value: Any) -> bytes:
    """The one way of writing a value; ValueError where there is none (a number that JSON readers would round)."""
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """SHA-256 of it, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def read(path: Path) -> Any:
    """The value of a file. What two readers would read differently is an error."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnknownFormat("the file is too large", str(path), f"up to {MOST_BYTES:,} bytes", "several packages")
        raw = path.read_bytes()
    except OSError as problem:
        raise BadConfiguration(f"not readable: {problem.strerror}", str(path), "a file") from None
    return parsed(raw, str(path))


def parsed(raw: bytes, where: str) -> Any:
    """The value of a text, as strictly."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_float)
        canonical(value)
    except (ValueError, RecursionError) as problem:
        told = "nested too deep" if isinstance(problem, RecursionError) else problem
        raise UnknownFormat(f"not JSON that has one reading: {told}", where, _ALLOWED) from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the name {next(one for one in names if names.count(one) > 1)!r} stands twice")
    return found


def _float(text: str) -> float:
    """A fraction. One that is whole and that large is written without its point, and then read as another kind of number."""
    value = float(text)
    if MOST_WHOLE < abs(value) < _WITH_EXPONENT and value.is_integer():
        raise ValueError(f"{text} exceeds safe integer domain for JSON floats")
    return value


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")
