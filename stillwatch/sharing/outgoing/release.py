"""Let a package out, or take it back from where it went. What leaves is written down before and after (log.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.safeguards.chain import Writing, instant, seconds
from stillwatch.sharing import files as kept
from stillwatch.sharing.outgoing import log, packages, ways
from stillwatch.sharing.outgoing.bundle import Bundle
from stillwatch.sharing.outgoing.log import Leaving, Standing
from stillwatch.sharing.outgoing.partners import Partner, partner, sender
from stillwatch.sharing.outgoing.revocation import revocation
from stillwatch.sharing.outgoing.ways import Files

Send = Callable[[Partner, bytes], None]  # to a collection of theirs; raises ResponseFailed, and may be repeated


@dataclass(frozen=True)
class Left:
    """What went, or would go, where."""

    standing: Standing
    how: str
    where: str
    files: Mapping[str, int]  # bytes by name
    again: bool  # a release that a crash had cut short was ended
    lost: tuple[str, ...] = ()  # what this form has no place for


def release(
    state: Path, package: str, to: str, how: str, out: Path | None, who: str, now: float, send: Send, yes: bool
) -> Left:
    """One package by one way; without `yes` all is checked and nothing leaves.

    The log is held meanwhile: two at once would be two releases.
    """
    if how not in ways.ALL:
        raise BadConfiguration(f"no way {how!r}", "--as", ", ".join(ways.ALL))
    name, chain = packages.said(who, "--who"), log.chain(state)
    if not yes:
        entries = chain.read()
        return _release(state, package, to, how, out, name, now, send, log.standings(entries, chain), None)
    with chain.writing() as writing:
        there = log.standings(writing.entries, chain)
        return _release(state, package, to, how, out, name, now, send, there, writing)


def withdraw(
    state: Path, package: str, to: str, who: str, why: str, now: float, send: Send, yes: bool
) -> tuple[Left, ...]:
    """Take a package back: it leaves no more, and a revocation goes wherever it went, or may have gone.

    One person is enough. The partner's marking is not asked again: nothing goes out that they had not got. A withdrawal
    that was cut short is ended by saying it again.
    """
    name, reason, chain = packages.said(who, "--who"), packages.said(why, "--reason"), log.chain(state)
    if not yes:
        one = log.named(package, to, log.standings(chain.read(), chain), state)
        return tuple(_revoke(state, one, leaving, name, reason, now, send, None) for leaving in _to_revoke(one))
    with chain.writing() as writing:
        one = log.named(package, to, log.standings(writing.entries, chain), state)
        if one.state(now) == "withdrawn":
            return ()
        if one.leavings:
            packages.bundle(state, one.package)  # what cannot be revoked is told before anything is written
        since = _since(writing, one)
        if since is None:
            since = now
            writing.append([{**_row("withdrawn", one, name, now), "why": reason}])
        return tuple(_revoke(state, one, leaving, name, reason, since, send, writing) for leaving in _to_revoke(one))


def _release(
    state: Path, package: str, to: str, how: str, out: Path | None, who: str, now: float, send: Send,
    there: Mapping[tuple[str, str], Standing], writing: Writing | None,
) -> Left:  # fmt: skip
    one = log.named(package, to, there, state)
    plan = packages.plan(state, one, now)
    if plan.refusals:
        raise ResponseFailed(
            f"it does not leave: {'; '.join(plan.refusals)}", f"{one.package[:12]} to {one.to}",
            "what a second person approved, is in force, and may go to this partner", "stillwatch share log",
        )  # fmt: skip
    where = _where(state, plan.partner, how, out)
    before = one.leavings.get((how, where))
    if before is not None and before.ended:
        raise ResponseFailed(
            f"it left this way before, to {where}", f"{one.package[:12]} to {one.to}", "once by each way and place",
            "another --as, or another --out",
        )  # fmt: skip
    files, lost = ways.ALL[how](plan.bundle, plan.partner, sender(state))
    if writing is not None:
        told = {"how": how, "where": where, "files": _hashes(files), "why": ""}
        writing.append([{**_row("releasing", one, who, now), **told}])
        writing.settle()
        _go(files, plan.partner, how, where, send)
        writing.append([{**_row("released", one, who, now), **told}])
    return Left(one, how, where, {name: len(data) for name, data in files.items()}, before is not None, lost)


def _revoke(
    state: Path, one: Standing, leaving: Leaving, who: str, why: str, at: float, send: Send, writing: Writing | None
) -> Left:
    whom = partner(state, one.to)
    files = _taking_back(packages.bundle(state, one.package), whom, sender(state), leaving.how, at)
    if writing is not None:
        told = {"how": leaving.how, "where": leaving.where, "files": _hashes(files), "why": why}
        writing.append([{**_row("revoking", one, who, at), **told}])
        writing.settle()
        _go(files, whom, leaving.how, leaving.where, send)
        writing.append([{**_row("revoked", one, who, at), **told}])
    return Left(one, leaving.how, leaving.where, {name: len(data) for name, data in files.items()}, not leaving.ended)


def _taking_back(bundle: Bundle, whom: Partner, contact: str, how: str, at: float) -> Files:
    stem, revoked = bundle.digest[:16], revocation(bundle, at)
    made, _ = ways.ALL[how](revoked, whom, contact)
    return {name.replace(revoked.digest[:16], f"{stem}.revoked", 1): data for name, data in made.items()}


def _to_revoke(one: Standing) -> list[Leaving]:
    return [leaving for leaving in one.leavings.values() if not leaving.revoked]


def _since(writing: Writing, one: Standing) -> float | None:
    """When it was withdrawn, if a crash came between that and its revocations: they are made of the same instant."""
    lines = (entry.row for entry in writing.entries)
    told = (row for row in lines if (row["kind"], row["package"], row["to"]) == ("withdrawn", one.package, one.to))
    row = next(told, None)
    return None if row is None else seconds(row["at"])


def _where(state: Path, whom: Partner, how: str, out: Path | None) -> str:
    if how != "taxii":
        return str((out or state / "outbox" / whom.key).absolute())
    if not whom.taxii:
        raise BadConfiguration(
            f"{whom.name} has no collection", f"partners.toml: {whom.key}", 'taxii = "https://…/collections/ID/"',
            "--as file, and send it as you do",
        )  # fmt: skip
    return whom.taxii


def _go(files: Files, whom: Partner, how: str, where: str, send: Send) -> None:
    if how == "taxii":
        for data in files.values():
            send(whom, data)
        return
    for name, data in files.items():
        kept.keep(Path(where) / name, data)


def _hashes(files: Files) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def _row(kind: str, one: Standing, who: str, now: float) -> dict[str, Any]:
    return {"kind": kind, "at": instant(now), "package": one.package, "to": one.to, "who": who}
