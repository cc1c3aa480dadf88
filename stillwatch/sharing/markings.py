"""How far a thing may be passed on: TLP 2.0, as objects are marked with it and as partners may get it.

The strictest marking counts, of an object or of a part of it. What we send must be marked (`of_objects`); what others send need
not be, and its markings are of whatever form (`above`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def above(one: Mapping[str, Any], most: str) -> str:
    """The level of an object where it is stricter than `most`, else empty. One that is not marked is not above any.

    A definition of a marking is not information under it: everybody sends the five along.
    """
    if one.get("id") in tlp.MARKS:
        return ""
    refs = (*_refs(one, "object_marking_refs"), *_refs(one, "granular_markings"))
    found = strictest(tlp.MARKS[ref] for ref in refs if ref in tlp.MARKS)
    return found if LEVELS.index(found) > LEVELS.index(most) else ""


def of_objects(objects: Sequence[Mapping[str, Any]], where: str) -> tuple[str, Counter[str]]:
    """The strictest marking of a bundle, and how many objects have which. An object without one is an error.

    So is a marking that cannot be looked up: it may forbid what is about to happen.
    """
    known = _known(objects, where)
    counted: Counter[str] = Counter()
    for one in objects:
        whole, parts = list(_refs(one, "object_marking_refs")), list(_refs(one, "granular_markings"))
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


def _refs(one: Mapping[str, Any], name: str) -> Iterator[str]:
    """Markings of the whole (`object_marking_refs`) or of parts (`granular_markings`); what is no id, as one nobody knows."""
    listed = one.get(name)
    for item in listed if isinstance(listed, list) else ():
        if not isinstance(item, Mapping):
            yield str(item)
        elif "marking_ref" in item:
            yield str(item["marking_ref"])


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
