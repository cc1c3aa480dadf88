"""`stillwatch share release`, `withdraw`: what was approved leaves, or is taken back; both show first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.share.outgoing import NOW, PACKAGE, REASON, STATE, TO, WHO

if TYPE_CHECKING:
    from stillwatch.sharing.outgoing.going import Left

YES = typer.Option(False, "--yes", help="Carry it out. Without it all is checked and shown, and nothing leaves.")


def release(
    package: str = PACKAGE,
    how: str = typer.Option(..., "--as", help="file, taxii, misp, csv or brief."),
    who: str = WHO,
    to: str = TO,
    out: Path = typer.Option(None, "--out", "-o", help="Folder for the files; by default STATE/outbox/PARTNER."),
    state: Path = STATE,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Let a package out that a second person approved. Shows what would leave until you say --yes.

    It is written down before the first byte leaves and again when all of it is there. After a crash in between the log says
    that it may have left; the same command ends it, with the same bytes.

    Example: stillwatch share release 3f1c9a --as misp --who "Ada Ng" --yes
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import seconds

    needs("rfc8785", "share")
    if how == "misp":
        needs("misp_stix_converter", "share-misp")
    from stillwatch.cli.share.outgoing import show
    from stillwatch.sharing.outgoing import packages
    from stillwatch.sharing.outgoing.release import release as let_out
    from stillwatch.sharing.outgoing.sending import send

    at = seconds(now)
    left = let_out(state, package, to, how, out, who, at, send, yes)
    if not yes and not json:
        show(left.standing, packages.bundle(state, left.standing.package), state, False, at)
    _told([left], json, yes, "left" if yes else "would leave")


def withdraw(
    package: str = PACKAGE, who: str = WHO, why: str = REASON, to: str = TO, state: Path = STATE,
    now: datetime = NOW, yes: bool = YES, json: bool = JSON,
) -> None:  # fmt: skip
    """Take a package back: a bundle that revokes its objects goes to whoever got it, by each way that it went.

    One person is enough for this. What was never let out just stays. Shows what it would do until you say --yes.

    Example: stillwatch share withdraw 3f1c9a --who "Ada Ng" --reason "half of the addresses are a university's" --yes
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import seconds

    needs("rfc8785", "share")
    from stillwatch.sharing.outgoing.sending import send
    from stillwatch.sharing.outgoing.withdraw import withdraw as take_back

    left = take_back(state, package, to, who, why, seconds(now), send, yes)
    _told(left, json, yes, "revocation left" if yes else "revocation would leave")
    if not left:
        typer.echo("it went nowhere, or was taken back before; there is nothing to take back", err=True)


def _told(left: Sequence[Left], json: bool, yes: bool, verb: str) -> None:
    from stillwatch.cli.verify.where import printed

    if json:
        rows = [
            {"package": one.standing.package, "to": one.standing.to, "as": one.how, "where": one.where,
             "files": dict(one.files), "left_out": list(one.lost), "ended_an_earlier_one": one.again} for one in left
        ]  # fmt: skip
        printed({"carried_out": yes, "left": rows})
    else:
        for one in left:
            for name, size in one.files.items():
                typer.echo(f"{verb}: {name}, {size:,} bytes, to {one.where}")
            for what in one.lost:
                typer.echo(f"not in it: {what}", err=True)
    if not yes:
        typer.echo("nothing has left; say --yes", err=True)
