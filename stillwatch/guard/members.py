"""Members of a JSON object changed in its bytes: whatever is not changed stays as it was written, to the byte.

Parsing and writing again would not do: whole numbers beyond 64 bits come back as floats, 1e2 as 100.0, and an escape as the
character. The text has to be JSON (guard/requests.py has parsed it). Where a name stands twice in an object that is changed,
the last stays: it is the one that Python's, Pydantic's and our own parser read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson

GONE: Final = object()  # in place of a value: the member is taken out
Path = tuple[str, ...]  # names of a member and of the objects around it, the outermost first

_SPACE = re.compile(rb"[ \t\r\n]*")
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_PLAIN = re.compile(rb"[^,\]}\s]+")  # a number, true, false or null
_NESTED = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)  # commas between are of no interest
_QUOTE, _COMMA, _OPEN, _CLOSE = b'"'[0], b","[0], b"[{", b"]}"


class Member(NamedTuple):
    """Where one member stands: its name, and the first byte of name and value and the one after the value."""

    name: str
    start: int
    value: int
    end: int


def changed(text: bytes, changes: Mapping[Path, Any]) -> bytes:
    """The object with these members set, or taken out where the value is GONE; new ones come last.

    A path leads through objects only; where there is none on the way, nothing is changed.
    """
    own = {path[0]: value for path, value in changes.items() if len(path) == 1}
    inner: dict[str, dict[Path, Any]] = {}
    for path, value in changes.items():
        if len(path) > 1:
            inner.setdefault(path[0], {})[path[1:]] = value
    there = list(_members(text))
    last = {one.name: place for place, one in enumerate(there)}
    pieces: list[bytes] = []
    for place, one in enumerate(there):
        if last[one.name] != place or own.get(one.name) is GONE:
            continue
        if one.name in own:
            pieces.append(text[one.start : one.value] + orjson.dumps(own[one.name]))
        elif one.name in inner and text[one.value] == _OPEN[1]:
            pieces.append(text[one.start : one.value] + changed(text[one.value : one.end], inner[one.name]))
        else:
            pieces.append(text[one.start : one.end])
        pieces.append(text[one.end : there[place + 1].start] if place + 1 < len(there) else b",")
    pieces = pieces[:-1]  # what stood between the last of them and the next
    made = _written({name: value for name, value in own.items() if name not in last and value is not GONE})
    begin, end = (there[0].start, there[-1].end) if there else (text.index(b"{") + 1,) * 2
    return text[:begin] + b"".join(pieces) + (b"," if pieces and made else b"") + made + text[end:]


def added(text: bytes, new: Mapping[str, Any]) -> bytes:
    """The object with members that it does not have yet: quicker, as nothing in it has to be looked at."""
    end = text.rindex(b"}")
    empty = text[:end].rstrip().endswith(b"{")
    return text[:end] + (b"" if empty else b",") + _written(new) + text[end:]


def value_end(text: bytes, start: int) -> int:
    """The place after the value that begins at `start`."""
    if text[start] not in _OPEN:
        found = (_TEXT if text[start] == _QUOTE else _PLAIN).match(text, start)
        return found.end() if found else len(text)
    depth = 0
    for mark in _NESTED.finditer(text, start):
        first = text[mark.start()]
        if first in _OPEN:
            depth += 1
        elif first in _CLOSE:
            depth -= 1
            if not depth:
                return mark.end()
    return len(text)


def _members(text: bytes) -> Iterator[Member]:
    place = _after_space(text, text.index(b"{") + 1)
    while text[place] == _QUOTE:
        end_of_name = value_end(text, place)
        value = _after_space(text, text.index(b":", end_of_name) + 1)
        end = value_end(text, value)
        yield Member(orjson.loads(text[place:end_of_name]), place, value, end)
        place = _after_space(text, end)
        if text[place] == _COMMA:
            place = _after_space(text, place + 1)


def _after_space(text: bytes, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _written(members: Mapping[str, Any]) -> bytes:
    return orjson.dumps(members)[1:-1]
