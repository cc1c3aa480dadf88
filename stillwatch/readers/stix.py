"""STIX 2.1 bundles as indicators: one row per compared value of a simple pattern.

Simple means equality, and OR between equalities (patterns.py): `[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value = '…']`.
AND, ranges and sequences cannot be looked up as one value and are set aside. An object type `x-stillwatch` carries our own
kinds in the property: `[x-stillwatch:payment = '…']` is an indicator of type `payment`. Whole numbers stand without quotes, as
in `[autonomous-system:number = 64496]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from stillwatch.config import Reading
from stillwatch.readers.formats import Broken, Format, Raw
from stillwatch.readers.patterns import compared
from stillwatch.tlp import MARKS

_MOST_BYTES = 256 * 1024 * 1024  # a bundle is one JSON document and is parsed whole: 256 MB are a million indicators
_COLUMNS = ("type", "value", "actor", "confidence", "valid_from", "valid_until", "source", "tlp")


def _names(path: Path) -> set[str]:
    return set(_COLUMNS)


def _raw(path: Path, reading: Reading, wanted: list[str], only: frozenset[int] | None) -> Iterator[Raw]:
    objects = _objects(path)
    names = {_word(one, "id"): _word(one, "name") for one in objects}
    actors = {
        _word(one, "source_ref"): names.get(_word(one, "target_ref"))
        for one in objects
        if one.get("type") == "relationship" and one.get("relationship_type") in ("indicates", "attributed-to")
    }
    rows: list[dict[str, Any]] = []
    places: list[int] = []
    broken: list[tuple[int, str]] = []
    for place, one in enumerate(objects):
        if one.get("type") != "indicator":
            continue
        pairs = compared(_word(one, "pattern"))
        if one.get("revoked") is True:
            broken.append((place, "revoked by its maker"))
        elif not pairs:
            broken.append((place, "not a simple STIX pattern; allowed: [type:property = 'value' OR …]"))
        shared = {
            "actor": actors.get(_word(one, "id")),
            "source": names.get(_word(one, "created_by_ref")) or _word(one, "created_by_ref") or None,
            "tlp": _tlp(one.get("object_marking_refs")),
            **{name: one.get(name) for name in ("confidence", "valid_from", "valid_until")},
        }
        for kind, value in pairs if one.get("revoked") is not True else ():
            rows.append({"type": kind, "value": value, **shared})
            places.append(place)
    columns = {name: [row[name] for row in rows] for name in wanted if name in _COLUMNS} if rows else {}
    yield Raw(0, 0, np.array(places, np.int32), columns, path.stat().st_size, broken)


def _word(one: dict[str, Any], name: str) -> str:
    value = one.get(name)
    return value if isinstance(value, str) else ""


def _tlp(refs: Any) -> str | None:
    marks = refs if isinstance(refs, list) else []
    return next((MARKS[ref] for ref in marks if isinstance(ref, str) and ref in MARKS), None)


def _objects(path: Path) -> list[dict[str, Any]]:
    if path.stat().st_size > _MOST_BYTES:
        raise Broken(f"the bundle is larger than {_MOST_BYTES:,} bytes: split it")
    try:
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as problem:
        raise Broken(f"not a JSON document: {problem}") from problem
    objects = document.get("objects") if isinstance(document, dict) and document.get("type") == "bundle" else None
    if not isinstance(objects, list):
        raise Broken("JSON, but not a STIX bundle: an object with type 'bundle' and a list 'objects' was expected")
    return [one if isinstance(one, dict) else {} for one in objects]


STIX = Format("STIX 2.1 bundle", (".json",), _names, False, _raw)
