"""Exactly what would leave: every object and every value of it, by kind. Text for a person; nothing is left out of `lines`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from stillwatch.render.visible import visible
from stillwatch.render.wording import count
from stillwatch.sharing.outgoing.bundle import Bundle
from stillwatch.sharing.outgoing.log import Standing
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.stix.exported import Object

SHOWN = 3  # objects of a kind on a terminal; the file has all


def facts(one: Standing, bundle: Bundle, whom: Partner) -> list[tuple[str, str]]:
    """(what, told) of the whole of it."""
    reads = f", for {whom.organization} alone" if whom.organization else ""
    marks = ", ".join(f"{many:,} {mark}" for mark, many in sorted(bundle.markings.items()))
    first = "" if bundle.ends is None else f"; its first end is {instant(bundle.ends)}"
    return [
        ("package", bundle.digest),
        ("to", f"{visible(whom.name)} ({whom.kind}{visible(reads)}), {visible(whom.contact)}; {whom.most} at most"),
        ("marking", f"{bundle.marking}: {marks}"),
        ("leaves until", f"{instant(one.until)}{first}"),
        ("proposed by", visible(one.proposed_by)),
        ("approved by", visible(one.approved_by) or "nobody yet"),
        ("objects", ", ".join(f"{len(objects):,} {kind}" for kind, objects in by_kind(bundle))),
    ]


def lines(bundle: Bundle, most: int | None = None) -> Iterator[str]:
    """All objects, one value a line; with `most` so many of a kind, and how many there are beside them."""
    for kind, objects in by_kind(bundle):
        yield f"{kind}: {len(objects):,}"
        for one in objects[:most]:
            yield f"  {one['id']}"
            yield from (f"    {visible(place)} = {visible(told)}" for place, told in values(one) if place != "id")
        if most is not None and len(objects) > most:
            yield f"  … and {count(len(objects) - most, 'more object')} of this kind"


def by_kind(bundle: Bundle) -> list[tuple[str, Sequence[Object]]]:
    """Objects by type, in the order in which types come first."""
    found: dict[str, list[Object]] = {}
    for one in bundle.objects:
        found.setdefault(one["type"], []).append(one)
    return list(found.items())


def values(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, value as JSON) of everything in an object; an empty list is a value as well."""
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from values(one, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and value:
        for number, one in enumerate(value):
            yield from values(one, f"{place}[{number}]")
    else:
        yield place, orjson.dumps(value).decode()


def instant(at: float) -> str:
    """As people read it, UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"
