"""Take a package back from wherever it went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stillwatch.safeguards.chain import Writing, seconds
from stillwatch.sharing.outgoing import log, packages, ways
from stillwatch.sharing.outgoing.going import Going, Left, Send
from stillwatch.sharing.outgoing.log import Leaving, Standing, row
from stillwatch.sharing.outgoing.partners import partner, sender
from stillwatch.sharing.outgoing.revocation import revocation
from stillwatch.sharing.outgoing.ways import Files


def withdraw(
    state: Path, package: str, to: str, who: str, why: str, now: float, send: Send, yes: bool
) -> tuple[Left, ...]:
    """It leaves no more, and a revocation goes wherever it went, or may have gone.

    One person is enough. The partner's marking is not asked again: nothing goes out that they had not got. A withdrawal
    that was cut short is ended by saying it again.
    """
    name, reason, chain = packages.said(who, "--who"), packages.said(why, "--reason"), log.chain(state)
    if not yes:
        there = log.standings(chain.read(), chain)
        return tuple(_left(going, leaving) for going, leaving in _plan(state, package, to, there, now))
    with chain.writing() as writing:
        there = log.standings(writing.entries, chain)
        one = log.named(package, to, there, state)
        since = _since(writing, one)
        plan = _plan(state, package, to, there, now if since is None else since)
        if since is None:
            writing.append([{**row("withdrawn", one.package, one.to, name, now), "why": reason}])
        for going, _ in plan:
            going.go(writing, ("revoking", "revoked"), name, reason, now, send)
        return tuple(_left(going, leaving) for going, leaving in plan)


def _plan(
    state: Path, package: str, to: str, there: Mapping[tuple[str, str], Standing], at: float
) -> list[tuple[Going, Leaving]]:
    """What has to go where, all of it made before any of it goes."""
    one = log.named(package, to, there, state)
    waiting = [leaving for leaving in one.leavings.values() if not leaving.revoked]
    if not waiting:
        return []
    whom, standing = partner(state, one.to), _standing(state, one, there)
    return [
        (Going(one, whom, leaving.how, leaving.where, _files(state, one, leaving.how, at, standing)), leaving)
        for leaving in waiting
    ]


def _files(state: Path, one: Standing, how: str, at: float, standing: frozenset[str]) -> Files:
    whole = packages.bundle(state, one.package)
    revoked = revocation(whole, at, standing)
    if revoked is None:  # all of it stands by another package
        return {}
    made, _ = ways.ALL[how](revoked, partner(state, one.to), sender(state))
    return {name.replace(revoked.digest[:16], f"{whole.digest[:16]}.revoked", 1): data for name, data in made.items()}


def _standing(state: Path, one: Standing, there: Mapping[tuple[str, str], Standing]) -> frozenset[str]:
    """Ids that the partner has by other packages, which are not withdrawn: a later export tells much of an earlier one."""
    others = [
        other
        for other in there.values()
        if other.to == one.to and other.package != one.package and other.leavings and not other.withdrawn
    ]
    return frozenset(told["id"] for other in others for told in packages.bundle(state, other.package).objects)


def _left(going: Going, leaving: Leaving) -> Left:
    return Left(going.standing, going.how, going.where, going.sizes, not leaving.ended)


def _since(writing: Writing, one: Standing) -> float | None:
    """When it was withdrawn, if a crash came between that and its revocations: they are made of the same instant."""
    lines = (entry.row for entry in writing.entries)
    told = (line for line in lines if (line["kind"], line["package"], line["to"]) == ("withdrawn", one.package, one.to))
    line = next(told, None)
    return None if line is None else seconds(line["at"])
