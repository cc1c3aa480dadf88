"""`stillwatch share propose`, `approve`, `refuse`: a draft becomes a package, and a second person allows it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.scan import INSTANTS, JSON

if TYPE_CHECKING:
    from stillwatch.sharing.outgoing.bundle import Bundle
    from stillwatch.sharing.outgoing.log import Standing

STATE = typer.Option(Path("sharing"), help="Folder with partners.toml, the packages and the log of what was shared.")
WHO = typer.Option(..., help="Your name, as you state it: nobody logs in here.")
REASON = typer.Option(..., "--reason", help="Why; it stays in the log.")
PACKAGE = typer.Argument(..., help="Digest of the package, or six or more digits of its beginning.")
TO = typer.Option("", "--to", help="Partner, where a package was proposed for several.")
NOW = typer.Option(None, formats=INSTANTS, help="As of this instant, UTC.")
DAYS = 14.0  # what was approved longer ago than this was approved of another situation


def propose(
    draft: Path = typer.Argument(..., help="A STIX 2.1 bundle, as `stillwatch share export` drafts it."),
    to: str = typer.Option(..., "--to", help="Partner that it is for: a name in STATE/partners.toml."),
    who: str = WHO,
    state: Path = STATE,
    days: float = typer.Option(DAYS, min=0.01, max=90.0, help="Days after which it lapses if nobody has let it out."),
    now: datetime = NOW,
    json: bool = JSON,
) -> None:
    """Take a draft in as a package, and show exactly what would leave. Nothing leaves.

    Refused is what bears no marking, what the partner may not get, what is over, and what looks like a direct identifier.

    Example: stillwatch share propose draft.json --to northwind --who "Ada Ng"
    """
    from stillwatch.cli.verify.where import seconds

    _installed()
    from stillwatch.sharing.outgoing import packages

    one = packages.propose(state, draft, to, who, days, seconds(now))
    show(one, packages.bundle(state, one.package), state, json, seconds(now))
    typer.echo(
        f"proposed; a second person looks at it, then: stillwatch share approve {one.package[:12]} --who … --reason …",
        err=True,
    )


def approve(
    package: str = PACKAGE, who: str = WHO, why: str = REASON, to: str = TO, state: Path = STATE,
    now: datetime = NOW, json: bool = JSON,
) -> None:  # fmt: skip
    """Allow a package to leave, as a person other than the one who proposed it. Nothing leaves yet.

    Names are as they are stated. Whoever can write to STATE can state any: let two people have it, or let the log's head be
    kept by a third (`share log --check`).

    Example: stillwatch share approve 3f1c9a --who "Ben Okoro" --reason "read all of it; counsel agreed on 12 May"
    """
    _decided("approved", package, who, why, to, state, now, json)


def refuse(
    package: str = PACKAGE, who: str = WHO, why: str = REASON, to: str = TO, state: Path = STATE,
    now: datetime = NOW, json: bool = JSON,
) -> None:  # fmt: skip
    """Say that a package does not leave. A draft that was refused can be proposed again.

    Example: stillwatch share refuse 3f1c9a --who "Ben Okoro" --reason "the skeleton names a customer"
    """
    _decided("refused", package, who, why, to, state, now, json)


def show(one: Standing, bundle: Bundle, state: Path, json: bool, now: float) -> None:
    """What would leave: the beginning of it, and where all of it stands; with --json all."""
    from stillwatch.cli.verify.where import printed
    from stillwatch.safeguards.chain import instant
    from stillwatch.sharing import files
    from stillwatch.sharing.outgoing import packages, preview
    from stillwatch.sharing.outgoing.partners import partner

    whom = partner(state, one.to)
    if json:
        printed({
            "package": one.package, "to": one.to, "state": one.state(now), "marking": bundle.marking,
            "markings": dict(bundle.markings), "until": instant(one.until), "proposed_by": one.proposed_by,
            "approved_by": one.approved_by or None, "objects": list(bundle.objects),
        })  # fmt: skip
        return
    path = state / packages.FOLDER / f"{one.package}.preview.txt"
    files.replace(path, "".join(f"{line}\n" for line in preview.lines(bundle)).encode())
    for what, told in preview.facts(one, bundle, whom):
        typer.echo(f"{what:<13}{told}")
    typer.echo("")
    for line in preview.lines(bundle, preview.SHOWN):
        typer.echo(line)
    typer.echo(f"\nevery value of every object: {path}")


def _decided(
    kind: str, package: str, who: str, why: str, to: str, state: Path, now: datetime | None, json: bool
) -> None:
    from stillwatch.cli.verify.where import seconds

    _installed()
    from stillwatch.sharing.outgoing import packages

    at = seconds(now)
    one = packages.decide(state, package, to, kind, who, why, at)
    show(one, packages.bundle(state, one.package), state, json, at)
    next_step = f"; stillwatch share release {one.package[:12]} --as file --who …" if kind == "approved" else ""
    typer.echo(f"{kind}{next_step}", err=True)


def _installed() -> None:
    from stillwatch.cli.share.needs import needs

    needs("rfc8785", "share")
