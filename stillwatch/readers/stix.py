"""STIX 2.1 bundles as indicators: one row per compared value of a simple pattern.

Simple means equality, and OR between equalities: `[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value = '…']`. AND,
ranges and sequences cannot be looked up as one value and are set aside. An object type `x-stillwatch` carries our own
kinds in the property: `[x-stillwatch:payment = '…']` is an indicator of type `payment`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from stillwatch.config import Reading
from stillwatch.readers.formats import Broken, Format, Raw

_MOST_BYTES = 256 * 1024 * 1024  # a bundle is one JSON document and is parsed whole: 256 MB are a million indicators
_OWN_TYPE = "x-stillwatch"
_COMPARISON = r"(?P<type>[a-z0-9-]+):(?P<property>[\w.'-]+)\s*=\s*'(?P<value>(?:[^'\\]|\\.)*)'"
_ONE = re.compile(_COMPARISON)
_SIMPLE = re.compile(rf"\s*\[\s*{_COMPARISON}(?:\s+OR\s+{re.sub(r'[?]P<[a-z]+>', '?:', _COMPARISON)})*\s*\]\s*")
# Marking definitions that the STIX 2.1 and TLP 2.0 standards fix.
_TLP = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
}
_COLUMNS = ("type", "value", "actor", "confidence", "valid_from", "valid_until", "source", "tlp")


def compared(pattern: str) -> list[tuple[str, str]]:
    """The (type, value) pairs of a simple pattern; none when it is not simple."""
    if not _SIMPLE.fullmatch(pattern):
        return []
    return [
        (one["property"] if one["type"] == _OWN_TYPE else one["type"], re.sub(r"\\(.)", r"\1", one["value"]))
        for one in _ONE.finditer(pattern)
    ]


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
    return next((_TLP[ref] for ref in marks if isinstance(ref, str) and ref in _TLP), None)


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
