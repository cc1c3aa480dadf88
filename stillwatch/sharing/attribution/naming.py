"""Whose name goes with a campaign: two persons say so, on the same assessment, for a time; and it can be undone.

Every step is a line of a file in which each line has the hash of the one before (safeguards/chain.py). A name is proposed on
an assessment that calls it likely at least, and confirmed by somebody else who has the same assessment in hand. One person is
enough to take it back. Who they are is what they say: whoever may write the file decides who may say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.chain import Chain, Entry
from stillwatch.sharing.attribution.actors import Library
from stillwatch.sharing.attribution.assessment import SCHEMA_VERSION, digest
from stillwatch.sharing.attribution.words import LIKELY, WORDS
from stillwatch.sharing.persons import folded, same_person

STANDS = timedelta(days=14)  # that a proposal waits for the second person; later, what it stood on may be old
REVIEW = timedelta(days=180)  # that a name holds, and the longest that one may be asked for
_SAVED = "what `stillwatch share attribute --json` printed"
_TELLS = {
    "proposed": frozenset({
        "kind", "at", "campaign", "actor", "name", "who", "reason", "assessment", "likelihood", "confidence", "until",
        "before",
    }),
    "confirmed": frozenset({"kind", "at", "campaign", "actor", "who", "reason", "proposal", "before"}),
    "undone": frozenset({"kind", "at", "campaign", "actor", "who", "reason", "before"}),
}  # fmt: skip


@dataclass(frozen=True)
class Proposed:
    """A name that one person has put forward."""

    campaign: str
    actor: str  # id in the library
    name: str
    who: str
    reason: str
    at: datetime
    until: datetime  # when a name that is confirmed lapses
    assessment: str  # SHA-256 of what it stands on
    likelihood: str  # the word of the assessment, such as "likely"
    confidence: str  # low, moderate or high
    hash: str  # of its line


@dataclass(frozen=True)
class Named:
    """A name that two persons stand for."""

    campaign: str
    actor: str
    name: str
    proposed_by: str
    confirmed_by: str
    at: datetime  # when it was confirmed
    until: datetime
    likelihood: str
    confidence: str
    assessment: str


@dataclass(frozen=True)
class Standing:
    """Where one campaign stands."""

    proposed: Proposed | None = None
    named: Named | None = None


def named(state: Path, campaign: str, now: datetime | None = None) -> Named | None:
    """The name that goes with a campaign, if two persons confirmed one that has not lapsed; None where there is no file."""
    return standing(state, campaign, now or datetime.now(UTC)).named


def standing(state: Path, campaign: str, now: datetime) -> Standing:
    """What is proposed and what is confirmed, as of an instant."""
    return _standing(_chain(state).read(), campaign, now) if state.exists() else Standing()


def assessment(path: Path) -> dict[str, Any]:
    """A saved assessment."""
    try:
        read = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise _refused(f"the assessment cannot be read: {problem}", str(path), _SAVED) from None
    if not isinstance(read, dict):
        raise _refused("this is no assessment", str(path), _SAVED)
    return read


def propose(
    state: Path, campaign: str, actor: str, who: str, reason: str, assessment: Mapping[str, Any], library: Library,
    now: datetime, until: datetime | None = None,
) -> Proposed:  # fmt: skip
    """Put a name forward; it goes with nothing yet."""
    said = _hypothesis(assessment, campaign, actor)
    known = library.by_id().get(actor)
    if known is None:
        raise _refused(f"no actor {actor!r} in the library", "--actors", ", ".join(sorted(library.by_id())))
    if said["range"][0] < LIKELY:
        least = next(word.term for word in WORDS if word.low == LIKELY)
        raise _refused(
            f"the assessment calls it {said['likelihood']} that it is {actor}", "--assessment",
            f"an actor that is {least} at least", "share the assessment without a name",
        )  # fmt: skip
    end = until or now + REVIEW
    if not now < end <= now + REVIEW:
        raise _refused("a name holds for a time", "--until", f"a day within {REVIEW.days} days from now")
    row = {
        "kind": "proposed", "at": now.isoformat(), "campaign": campaign, "actor": actor, "name": known.name,
        "who": _person(who), "reason": _reason(reason), "assessment": digest(dict(assessment)),
        "likelihood": said["likelihood"], "confidence": assessment["confidence"]["level"], "until": end.isoformat(),
    }  # fmt: skip
    with _chain(state).writing() as writing:
        before = _standing(writing.entries, campaign, now)
        if before.named is not None:
            raise _refused(f"{campaign} is named already: {before.named.actor}", str(state), "", "--undo first")
        writing.append([row])
        made = _standing(writing.entries, campaign, now).proposed
    assert made is not None, "BUG: a proposal that does not stand"
    return made


def confirm(
    state: Path, campaign: str, actor: str, who: str, reason: str, assessment: Mapping[str, Any], now: datetime
) -> Named:
    """Stand for a name that somebody else put forward, on the same assessment."""
    _hypothesis(assessment, campaign, actor)
    with _chain(state).writing() as writing:
        proposed = _standing(writing.entries, campaign, now).proposed
        if proposed is None or proposed.actor != actor:
            raise _refused(
                f"nobody has proposed {actor} for {campaign} within {STANDS.days} days", str(state),
                "a proposal by somebody else", "the same command without --confirm proposes",
            )  # fmt: skip
        if same_person(proposed.who, who):
            raise _refused(f"{proposed.who} proposed it", "--who", "a second person", "ask somebody else")
        if digest(dict(assessment)) != proposed.assessment:
            raise _refused(
                "this is not the assessment that the proposal stands on", "--assessment",
                f"the one with SHA-256 {proposed.assessment}", "propose again if there is a newer one",
            )  # fmt: skip
        writing.append([{
            "kind": "confirmed", "at": now.isoformat(), "campaign": campaign, "actor": actor, "who": _person(who),
            "reason": _reason(reason), "proposal": proposed.hash,
        }])  # fmt: skip
        made = _standing(writing.entries, campaign, now).named
    assert made is not None, "BUG: a name that does not stand"
    return made


def undo(state: Path, campaign: str, actor: str, who: str, reason: str, now: datetime) -> None:
    """Take a proposal or a name back. One person is enough: silence does no harm that a name can do."""
    with _chain(state).writing() as writing:
        before = _standing(writing.entries, campaign, now)
        if actor not in (one.actor for one in (before.proposed, before.named) if one is not None):
            raise _refused(f"{actor} is neither proposed nor named for {campaign}", str(state), "what stands there")
        writing.append([{
            "kind": "undone", "at": now.isoformat(), "campaign": campaign, "actor": actor, "who": _person(who),
            "reason": _reason(reason),
        }])  # fmt: skip


def _chain(path: Path) -> Chain:
    return Chain(path, "the log of names", "stillwatch share name", _TELLS)


def _standing(entries: tuple[Entry, ...], campaign: str, now: datetime) -> Standing:
    found = Standing()
    for entry in entries:
        row = entry.row
        if row["campaign"] != campaign:
            continue
        if row["kind"] == "proposed":
            found = Standing(_proposed(row, entry.hash), found.named)
        elif row["kind"] == "undone":
            found = Standing()
        elif found.proposed is not None and row["proposal"] == found.proposed.hash:
            found = Standing(None, _named(found.proposed, row))
    proposed, name = found.proposed, found.named
    return Standing(
        proposed if proposed is not None and now < proposed.at + STANDS else None,
        name if name is not None and name.at <= now < name.until else None,
    )


def _proposed(row: Mapping[str, Any], hashed: str) -> Proposed:
    return Proposed(
        row["campaign"], row["actor"], row["name"], row["who"], row["reason"], datetime.fromisoformat(row["at"]),
        datetime.fromisoformat(row["until"]), row["assessment"], row["likelihood"], row["confidence"], hashed,
    )  # fmt: skip


def _named(proposed: Proposed, row: Mapping[str, Any]) -> Named:
    return Named(
        proposed.campaign, proposed.actor, proposed.name, proposed.who, row["who"], datetime.fromisoformat(row["at"]),
        proposed.until, proposed.likelihood, proposed.confidence, proposed.assessment,
    )  # fmt: skip


def _hypothesis(assessment: Mapping[str, Any], campaign: str, actor: str) -> Mapping[str, Any]:
    """What an assessment says of an actor."""
    try:
        if assessment["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"schema_version {assessment['schema_version']!r}")
        of = {one["hypothesis"]: one for one in assessment["hypotheses"] if one["is_actor"]}
        told, _ = assessment["campaign_id"], assessment["confidence"]["level"]
    except (KeyError, TypeError, ValueError) as problem:
        raise _refused(f"this is no assessment: {problem}", "--assessment", _SAVED) from None
    if told != campaign:
        raise _refused(f"the assessment is of {told}", "--assessment", f"one of {campaign}")
    if actor not in of:
        raise _refused(f"the assessment has no actor {actor!r}", "--assessment", ", ".join(sorted(of)) or "none")
    return dict(of[actor])


def _person(who: str) -> str:
    if not folded(who):
        raise _refused("nobody is named", "--who", "who decides, by name")
    return who.strip()


def _reason(reason: str) -> str:
    if not reason.strip():
        raise _refused("there is no reason", "--reason", "a sentence")
    return reason.strip()


def _refused(what: str, where: str, allowed: str, next_step: str = "") -> BadConfiguration:
    return BadConfiguration(what, where, allowed, next_step)
