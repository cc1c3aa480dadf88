"""Let a package out that was approved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.safeguards.chain import Writing
from stillwatch.sharing.outgoing import log, packages, ways
from stillwatch.sharing.outgoing.going import Going, Left, Send
from stillwatch.sharing.outgoing.log import Standing
from stillwatch.sharing.outgoing.partners import Partner, sender


def release(
    state: Path, package: str, to: str, how: str, out: Path | None, who: str, now: float, send: Send, yes: bool
) -> Left:
    """One package by one way; without `yes` all is checked and nothing leaves.

    The log is held meanwhile: two at once would be two releases. One that a crash cut short is ended by saying it again.
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
    going = Going(one, plan.partner, how, where, files)
    if writing is not None:
        going.go(writing, ("releasing", "released"), who, "", now, send)
    return Left(one, how, where, going.sizes, before is not None, lost)


def _where(state: Path, whom: Partner, how: str, out: Path | None) -> str:
    if how != "taxii":
        return str((out or state / "outbox" / whom.key).absolute())
    if not whom.taxii:
        raise BadConfiguration(
            f"{whom.name} has no collection", f"partners.toml: {whom.key}", 'taxii = "https://…/collections/ID/"',
            "--as file, and send it as you do",
        )  # fmt: skip
    return whom.taxii
