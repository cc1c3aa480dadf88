"""Members of JSON objects changed in their text: whatever is not changed stays as it was written, to the byte.

Parsing and writing again would not do: whole numbers beyond 64 bits come back as floats, 1e2 as 100.0, and an escape as the
character. The text has to be JSON (guard/requests.py has parsed it). Where a name stands twice in an object that is changed,
the last stays: it is the one that Python's, Pydantic's and our own parser read.

Values are passed over by the scanner of Python's json, which is C: a regular expression took four times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from json.scanner import make_scanner
from typing import Any, Final, NamedTuple, cast

import orjson

from stillwatch.guard.requests import Malformed

GONE: Final = object()  # in place of a value: the member is taken out
Path = tuple[str, ...]  # names of a member and of the objects around it, the outermost first
Place = tuple[str | int, ...]  # the same, with the numbers of elements of arrays


class Longer(NamedTuple):
    """In place of a value that is a text: what comes behind it, the text itself as it was written."""

    text: str


class First(NamedTuple):
    """In place of a value that is an array: what becomes its first element."""

    element: Any


class Last(NamedTuple):
    """Likewise its last."""

    element: Any


_SPACE = re.compile(r"[ \t\r\n]*")
_scan = make_scanner(
    cast(Any, json.JSONDecoder(parse_int=len, parse_float=len))
)  # a number's end is all that is wanted


class Member(NamedTuple):
    """Where one member stands: its name, and the first place of name and value and the one after the value."""

    name: str | int  # a number: of an element of an array
    start: int
    value: int
    end: int


def changed(body: bytes, changes: Mapping[Path, Any] | Mapping[Place, Any]) -> bytes:
    """The object with these members set, or taken out where the value is GONE; new ones come last.

    Where there is no object or array on the way of a path, nothing is changed. Malformed if it is too deep.
    """
    try:
        return _changed(body.decode(), changes).encode()
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None


def added(body: bytes, new: Mapping[str, Any]) -> bytes:
    """The object with members that it does not have yet: quicker, as nothing in it has to be looked at."""
    end = body.rindex(b"}")
    empty = body[:end].rstrip().endswith(b"{")
    return body[:end] + (b"" if empty else b",") + _written(new).encode() + body[end:]


def _changed(text: str, changes: Mapping[Path, Any] | Mapping[Place, Any]) -> str:
    own = {path[0]: value for path, value in changes.items() if len(path) == 1}
    inner: dict[str | int, dict[Place, Any]] = {}
    for path, value in changes.items():
        if len(path) > 1:
            inner.setdefault(path[0], {})[path[1:]] = value
    there = list(_members(text))
    last = {one.name: place for place, one in enumerate(there)}
    pieces: list[str] = []
    for place, one in enumerate(there):
        if last[one.name] != place or own.get(one.name) is GONE:
            continue
        value = text[one.value : one.end]
        if one.name in inner and value.startswith(("{", "[")):
            value = _changed(value, inner[one.name])
        if one.name in own:
            value = _set(value, own[one.name])
        pieces.append(text[one.start : one.value] + value)
        pieces.append(text[one.end : there[place + 1].start] if place + 1 < len(there) else ",")
    pieces = pieces[:-1]  # what stood between the last of them and the next
    opening = _opening(text)
    new = {name: value for name, value in own.items() if name not in last and value is not GONE}
    made = _written(new) if text[opening] == "{" else ""  # an array gets no new elements
    begin, end = (there[0].start, there[-1].end) if there else (opening + 1,) * 2
    return text[:begin] + "".join(pieces) + ("," if pieces and made else "") + made + text[end:]


def _set(value: str, new: Any) -> str:
    """The text of a member's value in place of the one that it had."""
    if isinstance(new, Longer) and value.startswith('"'):
        return value[:-1] + orjson.dumps(new.text).decode()[1:]
    if isinstance(new, (First, Last)) and value.startswith("["):
        made, comma = orjson.dumps(new.element).decode(), "," if value[1:-1].strip() else ""
        return f"[{made}{comma}{value[1:]}" if isinstance(new, First) else f"{value[:-1]}{comma}{made}]"
    return value if isinstance(new, (Longer, First, Last)) else orjson.dumps(new).decode()


def _members(text: str) -> Iterator[Member]:
    opening = _opening(text)
    place = _after_space(text, opening + 1)
    if text[opening] == "[":
        yield from _elements(text, place)
        return
    while text[place] == '"':
        name, end_of_name = _scan(text, place)
        value = _after_space(text, text.index(":", end_of_name) + 1)
        _, end = _scan(text, value)
        yield Member(name, place, value, end)
        place = _after_space(text, end)
        if text[place] == ",":
            place = _after_space(text, place + 1)


def _elements(text: str, place: int) -> Iterator[Member]:
    number = 0
    while text[place] != "]":
        _, end = _scan(text, place)
        yield Member(number, place, place, end)
        number += 1
        place = _after_space(text, end)
        if text[place] == ",":
            place = _after_space(text, place + 1)


def _opening(text: str) -> int:
    """Where the object or array begins."""
    return _after_space(text, 0)


def _after_space(text: str, place: int) -> int:
    if text[place] not in " \t\r\n":
        return place
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _written(members: Mapping[Any, Any]) -> str:
    return orjson.dumps(members)[1:-1].decode()
