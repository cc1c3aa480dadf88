"""A document of a source, held against what is known: what of it would be taken, what not, and why. Nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stillwatch.readers.patterns import compared
from stillwatch.sharing.incoming.kinds import spelled
from stillwatch.sharing.incoming.sources import Source, Sources
from stillwatch.sharing.incoming.store import Store, written
from stillwatch.sharing.stix.checked import instant
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.reading import Read

CLOCKS = 86_400.0  # seconds that a `modified` may lie ahead: a later one would outlive every later version
MOST_OBJECTS_A_DAY = 500_000  # of a source, of any type: bounds the store where somebody sends without end
DAY = 86_400.0


@dataclass
class Arriving:
    """What a document would change."""

    source: str
    take: list[tuple[float, Object]] = field(default_factory=list)  # version, object
    new: Counter[str] = field(default_factory=Counter)  # type → objects that were not known
    newer: Counter[str] = field(default_factory=Counter)  # type → versions of objects that were
    withdrawn: int = 0  # of them, those that take back what was said
    known: int = 0  # versions that are held already
    values: Counter[str] = field(default_factory=Counter)  # kind → values that new indicators tell of
    refused: Counter[str] = field(default_factory=Counter)  # why → objects

    @property
    def rejected(self) -> int:
        return self.refused.total()


def arriving(read: Read, source: Source, sources: Sources, store: Store, now: float) -> Arriving:
    """What would be taken of what was read, `now` being seconds since 1970."""
    found = Arriving(source.key, known=read.repeated, refused=Counter(read.reasons))
    held = store.versions(source.key, [one["id"] for one in read.objects])
    latest: dict[str, float] = {}
    for identifier, version in held:
        latest[identifier] = max(version, latest.get(identifier, 0.0))
    today = now - now % DAY
    room = source.most_a_day - store.since(source.key, today, "indicator")
    most = MOST_OBJECTS_A_DAY - store.since(source.key, today)
    for one in read.objects:
        version = _version(one)
        before = held.get((one["id"], version))
        why = ""
        if before is not None:
            found.known += before == written(one)
            why = "" if before == written(one) else "id: was told with another content, in the same version"
        elif version > now + CLOCKS:
            why = "modified: is in the future"
        elif version < latest.get(one["id"], 0.0):
            why = "modified: is older than what is known"
        elif one.get("created_by_ref") in sources.ours:
            why = "created_by_ref: is our own, come back"
        elif one["type"] == "indicator" and not one.get("revoked"):
            why = _unheard(one, source)
            if not why and room <= 0:
                why = f"indicator: is beyond the {source.most_a_day:,} that are taken of this source in a day"
            room -= not why
        if before is None and not why and len(found.take) >= most:
            why = f"object: is beyond the {MOST_OBJECTS_A_DAY:,} that are taken of a source in a day"
        if why:
            found.refused[why] += 1
        elif before is None:
            found.take.append((version, one))
            (found.newer if one["id"] in latest else found.new)[one["type"]] += 1
            found.withdrawn += one.get("revoked") is True
            if one["type"] == "indicator" and not one.get("revoked"):
                found.values.update(kind for kind, _ in told_of(one, source))
    return found


def told_of(indicator: Object, source: Source) -> Iterator[tuple[str, str]]:
    """Kinds and values that an indicator tells of, as far as its source may."""
    if indicator.get("pattern_type", "stix") != "stix":
        return
    for kind, value in compared(indicator["pattern"]):
        if kind in source.kinds and (value := spelled(kind, value)):
            yield kind, value


def _unheard(indicator: Object, source: Source) -> str:
    """Why nothing in an indicator can be looked up; empty when something can."""
    if any(True for _ in told_of(indicator, source)):
        return ""
    if indicator.get("pattern_type", "stix") != "stix":
        return "pattern_type: is not stix"
    pairs = compared(indicator["pattern"])
    if not pairs:
        return "pattern: is no simple one, [type:property = 'value' OR …]"
    if _any_of(source.kinds, (kind for kind, _ in pairs)):
        return "pattern: tells of a value that is none of its kind, or is nobody's in particular"
    return "pattern: tells of kinds that nothing here shows, or that the source may not speak of"


def _any_of(kinds: frozenset[str], given: Iterable[str]) -> bool:
    return any(kind in kinds for kind in given)


def _version(one: Object) -> float:
    at = instant(one.get("modified"))
    return 0.0 if at is None else at.timestamp()
