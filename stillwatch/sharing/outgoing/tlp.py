"""How far a thing may be passed on: TLP 2.0, as objects are marked with it and as partners may get it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stillwatch import tlp
from stillwatch.errors import BadConfiguration

LEVELS = tlp.NAMES  # from what all may read to what is for the people in one room
STRICT, RED = LEVELS[3], LEVELS[4]
_UNMARKED = ("marking-definition", "extension-definition", "language-content")  # say how to read others
_OF_A_LIST = {"type", "spec_version", "id", "created", "modified", "name", "external_references"}


def level(text: str, where: str) -> str:
    """A level as people write one; WHITE of TLP 1 is CLEAR."""
    name = tlp.named(text)
    if name is None:
        raise BadConfiguration(f"marking {text!r}", where, ", ".join(LEVELS))
    return name


def strictest(levels: Iterable[str]) -> str:
    """The one that allows least; CLEAR of none."""
    return max(levels, key=LEVELS.index, default=LEVELS[0])


def of_objects(objects: Sequence[Mapping[str, Any]], where: str) -> tuple[str, Counter[str]]:
    """The strictest marking of a bundle, and how many objects have which. An object without one is an error.

    So is a marking that cannot be looked up: it may forbid what is about to happen.
    """
    known = _known(objects, where)
    counted: Counter[str] = Counter()
    for one in objects:
        parts = [str(mark["marking_ref"]) for mark in one.get("granular_markings", ()) if "marking_ref" in mark]
        whole = list(one.get("object_marking_refs", ()))
        if strange := [ref for ref in (*whole, *parts) if ref not in known]:
            raise BadConfiguration(
                f"{one['id']} is marked with {strange[0]}, which is not in the bundle", where,
                "markings of TLP, or ones that the bundle defines",
            )  # fmt: skip
        levels = [told for ref in whole if (told := known[ref])]
        if not levels and one["type"] not in _UNMARKED and not published(one):
            raise BadConfiguration(
                f"{one['id']} bears no TLP marking", where, "objects with object_marking_refs to a TLP marking definition",
                "mark it; what is not marked does not leave",
            )  # fmt: skip
        if levels:
            counted[strictest([*levels, *(told for ref in parts if (told := known[ref]))])] += 1
    return strictest(counted), counted


def published(one: Mapping[str, Any]) -> bool:
    """Whether it is a technique or a mitigation of somebody's public list, with nothing of ours about it."""
    return one["type"] in ("attack-pattern", "course-of-action") and one.keys() <= _OF_A_LIST


def _known(objects: Sequence[Mapping[str, Any]], where: str) -> dict[str, str]:
    """Level by id of a marking definition, empty for one that says nothing of TLP."""
    found = dict(tlp.MARKS)
    for one in objects:
        if one["type"] != "marking-definition":
            continue
        said = _said(one)
        told = level(said, f"{where}: {one['id']}") if said else ""
        if found.setdefault(one["id"], told) != told and (told or one["id"] not in tlp.MARKS):
            raise BadConfiguration(
                f"{one['id']} says {told or 'nothing of TLP'}", where, f"{found[one['id']]}, as its id has it"
            )
    return found


def _said(one: Mapping[str, Any]) -> str:
    """What a marking definition says of TLP, in any of the ways in which such are written."""
    extended = (part.get("tlp_2_0") for part in one.get("extensions", {}).values() if isinstance(part, Mapping))
    definition = one.get("definition")
    named = [one.get("name"), one.get("x_opencti_definition")]
    said = (
        *extended, definition.get("tlp") if isinstance(definition, Mapping) else None,
        *(text for text in named if isinstance(text, str) and text.upper().startswith("TLP:")),
    )  # fmt: skip
    return next((text for text in said if isinstance(text, str) and text), "")
