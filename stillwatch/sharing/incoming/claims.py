"""What the objects held say of values: who says it, who said it first, of which finding it is, and until when.

A finding is what a source sees behind several indicators: the campaign, operator or pool that they indicate, or the report or
grouping that lists them. Only a source's own objects speak for it: a relationship of another source changes nothing of what
this one said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stillwatch.sharing.incoming.arriving import DAY, told_of
from stillwatch.sharing.incoming.kinds import LIFETIMES
from stillwatch.sharing.incoming.origins import Origins
from stillwatch.sharing.incoming.sources import Source, Sources
from stillwatch.sharing.incoming.store import Held
from stillwatch.sharing.stix.checked import instant
from stillwatch.sharing.stix.exported import Object

UNSTATED = 0.5  # confidence of an indicator that states none: as likely as not
# Of doubt: how much an opinion takes away where its author is believed. `neutral` takes nothing, agreement adds nothing: who
# agrees has seen no more than who was agreed with.
OPINIONS = {"strongly-disagree": 1.0, "disagree": 0.5}
_BEHIND = (
    "campaign",
    "intrusion-set",
    "threat-actor",
    "infrastructure",
    "malware",
    "tool",
)  # what is indicated, best first
_WHO = ("intrusion-set", "threat-actor")
_LISTS = ("report", "grouping")


@dataclass(frozen=True)
class Claim:
    """One source's word on one value."""

    source: Source
    origin: str  # who said it first: those of one origin are one witness
    id: str  # of the object
    kind: str
    value: str
    benign: bool  # it says that the value is nothing to look into
    stated: float  # 0..1
    actor: str  # empty when none is named
    finding: str  # of the source; empty when it names none
    begins: float  # seconds since 1970, as all instants here: not before we knew
    ends: float
    asserted: float  # when it was last said anew
    first_seen: float  # as the source says
    marking: tuple[str, ...]  # ids of marking definitions
    document: int  # number of the one that it came in

    def believed(self, now: float) -> float:
        """Trust, times what is stated, times what age leaves: half after half of its lifetime, a quarter at the end."""
        if not self.begins <= now < self.ends:
            return 0.0
        age = max(0.0, now - self.asserted) / (self.ends - self.asserted)
        return self.source.trust * self.stated * 2.0 ** (-2.0 * age)


@dataclass(frozen=True)
class Doubt:
    """A source's word against an object of another, or of its own."""

    source: Source
    origin: str
    weight: float  # 0..1, of the value that the object tells of
    why: str


@dataclass
class Claims:
    """All of them."""

    claims: list[Claim] = field(default_factory=list)
    doubts: dict[str, list[Doubt]] = field(default_factory=lambda: defaultdict(list))  # id of an object → doubts
    names: dict[str, str] = field(default_factory=dict)  # id of an object → its name


def claims(held: Iterable[Held], sources: Sources) -> Claims:
    """What is said, by sources that there still are; newest versions only, withdrawn ones not."""
    objects = [one for one in held if one.source in sources.known]
    origins = Origins(objects, sources)
    found = Claims()
    by_source: dict[str, dict[str, Held]] = defaultdict(dict)
    newest: dict[str, Held] = {}
    for one in objects:
        by_source[one.source][one.id] = one
        newest[one.id] = max(newest.get(one.id, one), one, key=lambda it: (it.version, it.at))
        if isinstance(one.content.get("name"), str):
            found.names.setdefault(one.id, one.content["name"])
    for key, own in by_source.items():
        source, behind = sources.known[key], _behind(own)
        for one in own.values():
            kind = one.content["type"]
            if one.content.get("revoked"):
                continue
            if kind == "indicator":
                found.claims += _of_indicator(one, source, origins.of(one), own, behind)
                if newest[one.id].content.get("revoked"):
                    teller = sources.known[newest[one.id].source]
                    found.doubts[one.id].append(Doubt(teller, teller.key, teller.trust, "withdrawn, says"))
            elif kind == "opinion" and one.content["opinion"] in OPINIONS:
                stated = one.content.get("confidence", 100) / 100
                weight = source.trust * OPINIONS[one.content["opinion"]] * stated
                for other in one.content["object_refs"]:
                    said = one.content["opinion"].replace("-", " ") + ", says"
                    found.doubts[other].append(Doubt(source, origins.of(one), weight, said))
    return found


def _of_indicator(
    one: Held, source: Source, origin: str, own: Mapping[str, Held], behind: Mapping[str, list[str]]
) -> Iterable[Claim]:
    content = one.content
    finding = _finding(behind.get(one.id, []))
    types = content.get("indicator_types", [])
    asserted = min(one.version, one.at)
    begins = max(_seconds(content, "valid_from"), one.at)
    first = _seconds(content, "valid_from")
    for kind, value in told_of(content, source):
        longest = asserted + LIFETIMES[kind] * DAY
        given = _seconds(content, "valid_until") if "valid_until" in content else asserted + source.lifetime_days * DAY
        ends = min(given, longest)
        if ends <= asserted:
            continue
        yield Claim(
            source, origin, one.id, kind, value, isinstance(types, list) and "benign" in types,
            content["confidence"] / 100 if "confidence" in content else UNSTATED,
            _actor(finding, own, behind), f"{source.key}: {finding}" if finding else "",
            begins, ends, asserted, first, tuple(content.get("object_marking_refs", ())), one.document,
        )  # fmt: skip


def _behind(own: Mapping[str, Held]) -> dict[str, list[str]]:
    """Of each object of a source, what it says stands behind it."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in own.values():
        content = one.content
        if content.get("revoked"):
            continue
        if content["type"] == "relationship" and content["relationship_type"] in ("indicates", "attributed-to"):
            found[content["source_ref"]].append(content["target_ref"])
        elif content["type"] in _LISTS:
            for listed in content.get("object_refs", ()):
                found[listed].append(one.id)
    return found


def _finding(behind: list[str]) -> str:
    """The one that says most of what is behind an indicator; the same whatever the order."""
    order = (*_BEHIND, *_LISTS)
    known = [one for one in behind if one.partition("--")[0] in order]
    return min(known, key=lambda one: (order.index(one.partition("--")[0]), one), default="")


def _actor(finding: str, own: Mapping[str, Held], behind: Mapping[str, list[str]]) -> str:
    """The operator behind a finding, one step on; else the finding's own name."""
    kind = finding.partition("--")[0]
    who = (
        [finding] if kind in _WHO else sorted(one for one in behind.get(finding, ()) if one.partition("--")[0] in _WHO)
    )
    for one in (*who, finding if kind in _BEHIND else ""):
        name = _name(own.get(one))
        if name:
            return name
    return ""


def _name(one: Held | None) -> str:
    name = one.content.get("name") if one is not None else None
    return name if isinstance(name, str) else ""


def _seconds(content: Object, name: str) -> float:
    at = instant(content.get(name))
    return 0.0 if at is None else at.timestamp()
