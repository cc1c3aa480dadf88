"""A bundle as a MISP event: misp-stix for campaigns, operators, techniques and observables, and one attribute an indicator.

misp-stix makes an object of raw pattern text of a kind that it does not know, rounds confidence to five words, drops notes and
opinions, and copies the operator into every attribute. So indicators are written here: uuid, TLP, confidence and validity are
those of the bundle, and values stand where MISP compares them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from stillwatch.errors import ResponseFailed
from stillwatch.readers.patterns import compared
from stillwatch.sharing import markings
from stillwatch.sharing.misp import tags
from stillwatch.sharing.outgoing.bundle import Bundle, moment
from stillwatch.sharing.stix.exported import Object

# Who may see an event on the instance that takes it: 3 all communities, 1 this one, 0 the organisation itself.
DISTRIBUTION = {"TLP:CLEAR": 3, "TLP:GREEN": 1, "TLP:AMBER": 0, "TLP:AMBER+STRICT": 0}
_TYPES = {  # of attributes, by kind of indicator: type, category. All others are text, which MISP compares as well.
    "domain-name": ("domain", "Network activity"),
    "autonomous-system": ("AS", "Network activity"),
    "ipv4-addr": ("ip-src", "Network activity"),
    "ipv6-addr": ("ip-src", "Network activity"),
    "url": ("url", "Network activity"),
    "email-addr": ("email-src", "Payload delivery"),
}
_PATTERN_OBJECT = {
    "name": "stix2-pattern", "meta-category": "misc", "template_uuid": "0c5bd072-7c3e-4d45-86f7-a8104d9143b9",
    "template_version": "4",
}  # fmt: skip
_WRITTEN_HERE = ("indicator", "sighting", "note", "opinion", "extension-definition")
_DONE, _UNDEFINED = 2, 4  # analysis: complete; threat level: undefined


@dataclass(frozen=True)
class Event:
    """As MISP's JSON has it, and what misp-stix could not say."""

    document: dict[str, Any]
    lost: tuple[str, ...]


def event(bundle: Bundle, report: str = "") -> Event:
    """`report`: Markdown that goes along as an event report."""
    if bundle.marking == markings.RED:
        raise ResponseFailed("it does not leave: TLP:RED is for people in one room", bundle.digest[:12])
    rest, lost = _converted(bundle)
    producer = bundle.producer
    last = max(_second(one["modified"]) for one in bundle.objects if "modified" in one)
    attributes, objects = _indicators(bundle.objects, _about(bundle.objects))
    taken = {(one["type"], one["value"]) for one in attributes}
    seen = [one for one in rest.get("Attribute", []) if (one["type"], one["value"]) not in taken]
    document = {
        "uuid": bundle.id.split("--")[1],
        "info": "; ".join(one["name"] for one in bundle.objects if one["type"] == "campaign") or "Indicators",
        "date": _day(bundle), "timestamp": str(last), "analysis": str(_DONE), "threat_level_id": str(_UNDEFINED),
        "distribution": str(DISTRIBUTION[bundle.marking]), "published": False,
        "Tag": [{"name": tags.level(bundle.marking)}, {"name": tags.tag("bundle", bundle.id)}],
        "Attribute": [*seen, *attributes],
        "Object": [*rest.get("Object", []), *objects],
        "Galaxy": rest.get("Galaxy", []),
    }  # fmt: skip
    if producer is not None:
        document["Orgc"] = {"name": producer.get("name", ""), "uuid": producer["id"].split("--")[1]}
    if report:
        document["EventReport"] = [
            {"uuid": _named(document["uuid"], "report"), "name": "What was observed, and what is inferred",
             "content": report, "distribution": "5", "timestamp": str(last)}
        ]  # fmt: skip
    _settled(document, last)
    return Event({"Event": document}, lost)


def written(made: Event) -> bytes:
    """As a file, the same for the same bundle."""
    return json.dumps(made.document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _converted(bundle: Bundle) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What misp-stix makes of all but indicators and what is about them."""
    import stix2
    from misp_stix_converter import ExternalSTIX2toMISPParser

    known = {one["id"] for one in bundle.objects if one["type"] not in _WRITTEN_HERE}
    kept = [
        one for one in bundle.objects
        if one["id"] in known and all(one.get(end, bundle.id) in (*known, bundle.id) for end in ("source_ref", "target_ref"))
    ]  # fmt: skip
    if not any("modified" in one or one["type"] not in ("marking-definition", "identity") for one in kept):
        return {}, ()
    parser = ExternalSTIX2toMISPParser()
    parser.load_stix_bundle(stix2.parse({**bundle.whole, "objects": kept}, allow_custom=True))
    parser.parse_stix_bundle(single_event=True)
    told = [*(line for some in parser.errors.values() for line in some)]
    told += [line for some in parser.warnings.values() for line in some]
    return json.loads(parser.misp_event.to_json()), tuple(dict.fromkeys(told))


def _indicators(objects: Sequence[Object], about: dict[str, str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Attributes and objects. MISP takes a value once from an event: an indicator of one that is taken is an object."""
    definitions = [one for one in objects if one["type"] == "marking-definition"]
    taken: set[tuple[str, str]] = set()
    attributes: list[dict[str, Any]] = []
    repeated: list[dict[str, Any]] = []
    for one in objects:
        if one["type"] != "indicator":
            continue
        pairs = compared(one["pattern"]) if one.get("pattern_type") == "stix" else []
        mark, _ = markings.of_objects([*definitions, one], one["id"])
        made = [
            _attribute(one, kind, value, place, mark, about.get(one["id"], ""))
            for place, (kind, value) in enumerate(pairs or [("pattern", one["pattern"])])
        ]
        values = {(each["type"], each["value"]) for each in made}
        if values & taken:
            pattern = _attribute(one, "pattern", one["pattern"], 0, mark, about.get(one["id"], ""))
            repeated.append(_object(one["id"].split("--")[1], pattern))
        else:
            taken |= values
            attributes += made
    return attributes, repeated


def _attribute(one: Object, kind: str, value: str, place: int, mark: str, actor: str) -> dict[str, Any]:
    """A value of an indicator; the first has its uuid."""
    type_, category = _TYPES.get(kind, ("text", "Other"))
    identifier = one["id"].split("--")[1]
    names = [
        tags.level(mark), tags.tag("kind", kind),
        *([tags.tag("confidence", one["confidence"]), tags.sure(one["confidence"])] if "confidence" in one else []),
        *([tags.tag("actor", actor)] if actor else []),
        *([tags.tag("part-of", one["id"])] if place else []),
    ]  # fmt: skip
    made = {
        "uuid": identifier if place == 0 else _named(identifier, f"value {place}"), "type": type_, "category": category,
        "value": f"AS{value}" if type_ == "AS" else value, "comment": one.get("description", one.get("name", "")),
        "first_seen": one["valid_from"], "timestamp": str(_second(one["modified"])), "distribution": "5",
        "to_ids": False,  # evidence to look by: nobody's machine is to block what it says
        "deleted": bool(one.get("revoked", False)), "disable_correlation": False,
        "Tag": [{"name": name} for name in names],
    }  # fmt: skip
    return {**made, "last_seen": one["valid_until"]} if "valid_until" in one else made


def _object(uuid: str, pattern: dict[str, Any]) -> dict[str, Any]:
    """A pattern in an object of its own."""
    return {
        **_PATTERN_OBJECT, "uuid": _named(uuid, "object"), "timestamp": pattern["timestamp"], "distribution": "5",
        "Attribute": [{**pattern, "type": "stix2-pattern", "object_relation": "stix2-pattern", "category": "Payload delivery"}],
    }  # fmt: skip


def _about(objects: Iterable[Object]) -> dict[str, str]:
    """Name of the operator that an indicator points to, by its id."""
    names = {one["id"]: one.get("name", "") for one in objects if one["type"] in ("intrusion-set", "threat-actor")}
    return {
        one["source_ref"]: names[one["target_ref"]]
        for one in objects
        if one["type"] == "relationship" and one.get("relationship_type") == "indicates" and one["target_ref"] in names
    }


def _settled(document: dict[str, Any], last: int) -> None:
    """What misp-stix draws by chance, or takes from the clock, as a function of the bundle."""
    for place, one in enumerate(document["Object"]):
        one.setdefault("timestamp", str(last))
        for number, attribute in enumerate(one.get("Attribute", [])):
            if one["name"] != _PATTERN_OBJECT["name"] or not tags.ours(tag["name"] for tag in attribute.get("Tag", ())):
                attribute["uuid"] = _named(one["uuid"], f"{number} {attribute.get('object_relation')}")
            attribute["to_ids"] = False
        for number, reference in enumerate(one.get("ObjectReference", [])):
            reference["uuid"] = _named(one["uuid"], f"reference {place} {number}")
    for attribute in document["Attribute"]:
        attribute["to_ids"] = False


def _named(uuid: str, name: str) -> str:
    return str(uuid5(UUID(uuid), name))


def _second(text: str) -> int:
    return int(moment(text, "modified"))


def _day(bundle: Bundle) -> str:
    first = [one["first_seen"] for one in bundle.objects if one["type"] == "campaign" and "first_seen" in one]
    return min([*first, *(one["valid_from"] for one in bundle.objects if "valid_from" in one)], default="1970-01-01")[
        :10
    ]
