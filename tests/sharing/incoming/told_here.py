"""What partners tell, made for tests: objects, sources, and a store that has received them."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillwatch.sharing.incoming.arriving import DAY, Arriving, arriving
from stillwatch.sharing.incoming.kinds import LIFETIMES
from stillwatch.sharing.incoming.look import look
from stillwatch.sharing.incoming.sources import Source, Sources
from stillwatch.sharing.incoming.store import Document, Store
from stillwatch.sharing.stix.reading import objects

NOW = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
OURS = f"identity--{uuid.UUID(int=99)}"
A, B, THIRD = (f"identity--{uuid.UUID(int=number)}" for number in (1, 2, 3))
Rows = list[dict[str, Any]]


def at(days: float) -> str:
    """So many days from NOW, as STIX writes it."""
    return datetime.fromtimestamp(NOW + days * DAY, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def made(kind: str, name: str, /, days: float = -1.0, **more: Any) -> dict[str, Any]:
    """An object whose id is its name's."""
    one = {
        "type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(uuid.NAMESPACE_URL, name)}", "created": at(-60.0),
        "modified": at(days), **more,
    }  # fmt: skip
    return {key: value for key, value in one.items() if value is not None}


def indicator(
    name: str, value: str = "v", kind: str = "x-stillwatch:tls", days: float = -1.0, **more: Any
) -> dict[str, Any]:
    told = {"pattern": f"[{kind} = '{value}']", "pattern_type": "stix", "valid_from": at(-50.0), "confidence": 100}
    return made("indicator", name, days, **{**told, **more})


def relation(one: dict[str, Any], kind: str, other: dict[str, Any], **more: Any) -> dict[str, Any]:
    name = f"{one['id']} {kind} {other['id']}"
    told = {"relationship_type": kind, "source_ref": one["id"], "target_ref": other["id"]}
    return made("relationship", name, **{**told, **more})


def opinion(name: str, of: dict[str, Any], said: str = "strongly-disagree", **more: Any) -> dict[str, Any]:
    return made("opinion", name, opinion=said, object_refs=[of["id"]], **more)


def source(key: str, trust: float = 0.8, who: Iterable[str] = (), **more: Any) -> Source:
    return Source(key, f"Partner {key}", trust, frozenset(LIFETIMES), frozenset(who), **more)


SOURCES = Sources(
    {one.key: one for one in (source("a", 0.8, [A]), source("b", 0.5, [B]), source("c", 0.4))}, frozenset({OURS})
)


def bundle(*given: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": f"bundle--{uuid.UUID(int=7)}", "objects": list(given)}).encode()


class Told:
    """A store, and who told it what."""

    def __init__(self, folder: Path, sources: Sources = SOURCES) -> None:
        self.store = Store(folder / "received.db")
        self.sources = sources

    def __call__(self, key: str, *given: Any, days: float = -1.0) -> Arriving:
        """A source tells objects, so many days from NOW."""
        now = NOW + days * DAY
        found = arriving(objects(bundle(*given)), self.sources.one(key), self.sources, self.store, now)
        self.store.take(Document(key, "0" * 64, "bundle.json", now, "a test"), found.take)
        return found

    def believed(self, days: float = 0.0) -> dict[str, Any]:
        """By value, what is believed of it so many days from NOW."""
        return {one.value: one for one in look(self.store, self.sources, NOW + days * DAY).values}

    def belief(self, value: str = "v", days: float = 0.0) -> float:
        found = self.believed(days)
        return round(found[value].belief, 3) if value in found else 0.0


def refused(found: Arriving) -> Counter[str]:
    return Counter({why.split(":")[0]: many for why, many in found.refused.items()})
