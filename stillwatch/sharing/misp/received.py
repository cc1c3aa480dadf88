"""MISP events, ours or anybody's, as a STIX bundle of indicators, which is what `share import` and a log folder take.

An attribute is an indicator when its maker says that machines may look for it (`to_ids`), or when it bears a kind of ours. What
no log can show (hashes of files, names of malware) is set aside and counted, never an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from stillwatch import tlp as marks
from stillwatch.errors import UnknownFormat
from stillwatch.readers.patterns import compared
from stillwatch.sharing import markings
from stillwatch.sharing.misp import tags, values
from stillwatch.sharing.misp.values import NothingToCompare
from stillwatch.sharing.outgoing import canonical
from stillwatch.sharing.stix.exported import Object
from stillwatch.tables.log import LOG_INDICATORS

MOST_ATTRIBUTES = 1_000_000
_OURS = UUID("b3d0ad55-4a9b-5d0e-9a5d-9d2f3f0e7f11")  # for ids of what has none in MISP
_ALLOWED = '{"Event": {...}}, or {"response": [{"Event": {...}}, ...]}, as MISP exports it'


@dataclass(frozen=True)
class Received:
    """Of one file."""

    bundle: Object
    aside: Counter[str]  # why an attribute became no indicator, and how many


@dataclass
class _Made:
    """Objects by id, in the order in which they came."""

    objects: dict[str, Object] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)  # of an indicator
    aside: Counter[str] = field(default_factory=Counter)

    def have(self, one: Mapping[str, Any]) -> str:
        return str(self.objects.setdefault(one["id"], dict(one))["id"])


def received(path: Path) -> Received:
    """What a file of events says."""
    made = _Made()
    for event in _events(canonical.read(path), str(path)):
        _event(event, made)
    for name, parts in made.patterns.items():
        made.objects[name]["pattern"] = values.together(parts)
    objects = list(made.objects.values())
    identifier = f"bundle--{uuid5(_OURS, canonical.digest(objects))}"
    return Received({"type": "bundle", "id": identifier, "objects": objects}, made.aside)


def rows(bundle: Object) -> list[dict[str, Any]]:
    """The indicators of a bundle as LOG_INDICATORS has them; revoked ones are none."""
    objects: Sequence[Object] = bundle["objects"]
    names = {one["id"]: one.get("name") for one in objects}
    actors = {
        one["source_ref"]: names.get(one["target_ref"])
        for one in objects
        if one.get("relationship_type") == "indicates"
    }
    found = []
    for one in objects:
        if one["type"] != "indicator" or one.get("revoked"):
            continue
        levels = [marks.MARKS[ref] for ref in one.get("object_marking_refs", ()) if ref in marks.MARKS]
        said = {
            "actor": actors.get(one["id"]), "confidence": one.get("confidence"), "valid_from": one.get("valid_from"),
            "valid_until": one.get("valid_until"), "source": names.get(one.get("created_by_ref")),
            "tlp": markings.strictest(levels) if levels else None,
        }  # fmt: skip
        found += [{"type": kind, "value": value, **said} for kind, value in compared(one["pattern"])]
    return [{name: row.get(name) for name in LOG_INDICATORS.names} for row in found]


def _events(document: Any, where: str) -> Iterator[Mapping[str, Any]]:
    rows_ = document.get("response", document) if isinstance(document, dict) else document
    for one in rows_ if isinstance(rows_, list) else [rows_]:
        event = one.get("Event", one) if isinstance(one, dict) else None
        if not isinstance(event, dict) or not isinstance(event.get("info"), str):
            raise UnknownFormat("no MISP event", where, _ALLOWED)
        for name in ("Attribute", "Object", "Tag", "Galaxy"):
            there = event.get(name, [])
            if not isinstance(there, list) or not all(isinstance(part, dict) for part in there):
                raise UnknownFormat(f"{name} of the event {event['info'][:60]!r} is no list", where, _ALLOWED)
        yield event


def _event(event: Mapping[str, Any], made: _Made) -> None:
    maker = event.get("Orgc") or event.get("Org") or {}
    producer = made.have(_identity(maker if isinstance(maker, dict) else {}))
    known = _actor(event.get("Galaxy", ()))
    attributes = [(one, "") for one in event.get("Attribute", ())]
    attributes += [
        (one, str(one.get("object_relation", "")))
        for group in event.get("Object", ())
        if not group.get("deleted")
        for one in _objects(group.get("Attribute"))
    ]
    if len(attributes) > MOST_ATTRIBUTES:
        raise UnknownFormat("too many attributes", event["info"][:60], f"up to {MOST_ATTRIBUTES:,}", "several events")
    for one, relation in attributes:
        try:
            _attribute(one, relation, event, producer, known, made)
        except NothingToCompare as why:
            made.aside[str(why)] += 1


def _attribute(
    one: Mapping[str, Any], relation: str, event: Mapping[str, Any], producer: str, known: str, made: _Made
) -> None:
    own = _names(one)
    ours = tags.ours(own)
    if not isinstance(one.get("value"), str) or not isinstance(one.get("type"), str):
        raise NothingToCompare("without a type or a value")
    if "kind" in ours:
        value = one["value"].removeprefix("AS") if one["type"] == "AS" else one["value"]
        pairs = [(ours["kind"], value)]
    elif one.get("deleted"):
        raise NothingToCompare("deleted by its maker")
    elif one.get("warnings"):
        raise NothingToCompare("on a list of warnings of the instance that it is from")
    elif not _true(one.get("to_ids")):
        raise NothingToCompare("context: its maker says that machines are not to look for it")
    else:
        pairs = values.of(one["type"], relation, one["value"])
    parts = [values.pattern(*pair) for pair in pairs]
    name = ours.get("part-of") or f"indicator--{_uuid(one, event)}"
    if name in made.objects:
        made.patterns[name] += [part for part in parts if part not in made.patterns[name]]
        return
    indicator = {
        "type": "indicator", "spec_version": "2.1", "id": name, "created_by_ref": producer,
        "created": _stamp(one), "modified": _stamp(one), "name": event["info"][:200], "pattern_type": "stix",
        "pattern_version": "2.1", "valid_from": _instant(one.get("first_seen")) or _day(event) or _stamp(one),
        "indicator_types": ["unknown"],
    }  # fmt: skip
    if (confidence := tags.confidence(own)) is not None or (confidence := tags.confidence(_names(event))) is not None:
        indicator["confidence"] = confidence
    if "kind" in ours and (until := _instant(one.get("last_seen"))):
        indicator["valid_until"] = until  # of others it is when the thing was last seen
    if one.get("comment"):
        indicator["description"] = str(one["comment"])
    if _true(one.get("deleted")):
        indicator["revoked"] = True
    if mark := tags.marking(own) or tags.marking(_names(event)):
        indicator["object_marking_refs"] = [made.have(marks.marking(mark))]
    made.patterns[name] = parts
    made.have(indicator)
    if actor := ours.get("actor") or known:
        _point(name, actor, indicator, made)


def _point(name: str, actor: str, indicator: Object, made: _Made) -> None:
    """Who is said to be behind it."""
    source = indicator["created_by_ref"]
    common = {"spec_version": "2.1", "created_by_ref": source, "created": indicator["created"]}
    marking = {"object_marking_refs": indicator["object_marking_refs"]} if "object_marking_refs" in indicator else {}
    who = {
        "type": "intrusion-set", "id": f"intrusion-set--{uuid5(_OURS, f'{source} {actor}')}",
        **common, "modified": common["created"], "name": actor, **marking,
    }  # fmt: skip
    target = made.have(who)
    made.have({
        "type": "relationship", "id": f"relationship--{uuid5(_OURS, f'{name} {target}')}", **common,
        "modified": common["created"], "relationship_type": "indicates", "source_ref": name, "target_ref": target, **marking,
    })  # fmt: skip


def _identity(maker: Mapping[str, Any]) -> Object:
    name = str(maker.get("name") or "an unnamed organisation")
    try:
        uuid = str(UUID(str(maker.get("uuid"))))
    except ValueError:
        uuid = str(uuid5(_OURS, name))
    return {
        "type": "identity", "spec_version": "2.1", "id": f"identity--{uuid}", "created": "2020-01-01T00:00:00.000Z",
        "modified": "2020-01-01T00:00:00.000Z", "name": name, "identity_class": "organization",
    }  # fmt: skip


def _actor(galaxies: Sequence[Mapping[str, Any]]) -> str:
    """The one actor that an event names; of several nobody knows which attribute is whose."""
    found = {
        str(cluster.get("value", ""))
        for one in galaxies
        if str(one.get("type", "")).endswith(("threat-actor", "intrusion-set"))
        for cluster in _objects(one.get("GalaxyCluster"))
    }
    return found.pop() if len(found) == 1 else ""


def _names(one: Mapping[str, Any]) -> list[str]:
    return [str(tag["name"]) for tag in _objects(one.get("Tag")) if "name" in tag]


def _objects(value: Any) -> list[dict[str, Any]]:
    """What is an object in a list; nothing where there is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _uuid(one: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    try:
        return str(UUID(str(one.get("uuid"))))
    except ValueError:
        return str(uuid5(_OURS, f"{event.get('uuid')} {one['type']} {one['value']}"))


def _stamp(one: Mapping[str, Any]) -> str:
    text = str(one.get("timestamp", ""))
    return _written(int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0)


def _day(event: Mapping[str, Any]) -> str:
    return _instant(str(event.get("date", "")))


def _instant(text: Any) -> str:
    """A time of MISP as STIX has it; empty for none."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return ""
    return _written((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _true(value: Any) -> bool:
    return value in (True, 1, "1", "true")
