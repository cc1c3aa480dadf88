"""Packages: a bundle under its digest, looked at by one person, allowed by a second, and only then on its way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.chain import instant
from stillwatch.sharing import files
from stillwatch.sharing.outgoing import canonical, log
from stillwatch.sharing.outgoing.bundle import Bundle, checked
from stillwatch.sharing.outgoing.log import Standing
from stillwatch.sharing.outgoing.partners import Partner, partner
from stillwatch.sharing.outgoing.revocation import revocable
from stillwatch.sharing.persons import same_person

FOLDER = "packages"
DAY = 86_400.0


@dataclass(frozen=True)
class Plan:
    """What a release would do, and what keeps it from doing so."""

    standing: Standing
    bundle: Bundle
    partner: Partner
    refusals: tuple[str, ...]


def propose(state: Path, draft: Path, to: str, who: str, days: float, now: float) -> Standing:
    """Take a draft in. It lapses after so many days, or when the first thing in it is over, whichever comes first."""
    name = said(who, "--who")
    bundle = checked(canonical.read(draft), str(draft))
    whom = partner(state, to)
    if why := whom.refusal(bundle.marking):
        raise BadConfiguration(
            why, str(draft), "what this partner may get", "another partner, or an export with less in it"
        )
    if bundle.ends is not None and bundle.ends <= now:
        raise BadConfiguration(
            f"something in it was over on {instant(bundle.ends)}", str(draft), "objects in force", "export again"
        )
    if not any(revocable(one) for one in bundle.objects):
        raise BadConfiguration(
            "nothing in it could be taken back", str(draft), "objects with `modified`, such as indicators"
        )
    until = min(now + days * DAY, bundle.ends if bundle.ends is not None else float("inf"))
    files.keep(state / FOLDER / f"{bundle.digest}.json", canonical.canonical(bundle.whole))
    chain = log.chain(state)
    with chain.writing() as writing:
        there = log.standings(writing.entries, chain).get((bundle.digest, to))
        if there is not None and there.state(now) not in ("refused", "lapsed"):
            raise BadConfiguration(
                f"it is {there.state(now)} already, for {to}", f"{state / log.FILE}: {bundle.digest[:12]}",
                "a draft that is new, refused or lapsed", "stillwatch share log",
            )  # fmt: skip
        row = {
            **log.row("proposed", bundle.digest, to, name, now), "marking": bundle.marking, "objects": len(bundle.objects),
            "until": instant(until), "draft": draft.name,
        }  # fmt: skip
        writing.append([row])
        return log.standings(writing.entries, chain)[bundle.digest, to]


def decide(state: Path, package: str, to: str, kind: str, who: str, why: str, now: float) -> Standing:
    """Approve or refuse (`kind`: approved, refused). Whoever proposed may take it back, and not approve it."""
    name, reason = said(who, "--who"), said(why, "--reason")
    chain = log.chain(state)
    with chain.writing() as writing:
        one = log.named(package, to, log.standings(writing.entries, chain), state)
        stands, where = one.state(now), f"{state / log.FILE}: {one.package[:12]} to {one.to}"
        if kind == "approved" and same_person(name, one.proposed_by):
            raise BadConfiguration(
                f"{name} proposed it", where, "a second person approves", "somebody else looks at it"
            )
        if stands not in (("proposed",) if kind == "approved" else ("proposed", "approved")):
            raise BadConfiguration(
                f"it is {stands}", where, "what is proposed" if kind == "approved" else "what has not left",
                "stillwatch share propose" if kind == "approved" else "stillwatch share withdraw, once it has left",
            )  # fmt: skip
        if kind == "approved":
            bundle(state, one.package)  # what is approved is there, whole, at this moment
        writing.append([{**log.row(kind, one.package, one.to, name, now), "why": reason}])
        return log.standings(writing.entries, chain)[one.package, one.to]


def plan(state: Path, one: Standing, now: float) -> Plan:
    """Whether a package may leave now, as its lines, its partner, its marking and its bytes stand."""
    whom, whole = partner(state, one.to), bundle(state, one.package)
    refusals = [whom.refusal(whole.marking)]
    if one.refused or not one.approved_by:
        refusals.append("nobody has approved it" if not one.refused else "it was refused")
    if one.withdrawn:
        refusals.append("it was withdrawn")
    if now >= one.until:
        refusals.append(f"it lapsed on {instant(one.until)}")
    return Plan(one, whole, whom, tuple(why for why in refusals if why))


def bundle(state: Path, package: str) -> Bundle:
    """The bundle of a package, once its bytes have been found to be those of its digest."""
    path = state / FOLDER / f"{package}.json"
    there = checked(canonical.read(path), str(path))
    if there.digest != package:
        raise BadConfiguration(
            f"the package was changed: its digest is {there.digest[:12]}…", str(path), f"{package[:12]}…, as it was approved",
            "propose the draft anew",
        )  # fmt: skip
    return there


def said(text: str, where: str) -> str:
    """A name or a reason that says something."""
    short = " ".join(text.split())
    if not short or not short.isprintable() or len(short) > 400:
        raise BadConfiguration("nothing that can be read later", where, "up to 400 printable characters")
    return short
