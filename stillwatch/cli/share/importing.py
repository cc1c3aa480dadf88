"""`stillwatch share import FILE…`: what a partner told, held against what is known, and taken in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.share.receiving import BY, NOW, STATE, STORE, YES
from stillwatch.cli.share.sign import SUFFIX

if TYPE_CHECKING:
    from stillwatch.sharing.incoming.arriving import Arriving


def import_(
    files: list[Path] = typer.Argument(..., metavar="FILE...", help="STIX 2.1 bundles."),
    source: str = typer.Option(..., "--from", metavar="SOURCE", help="Who told it: a name in STATE/sources.toml."),
    signature: Path = typer.Option(None, help=f"Signature of the one FILE; by default FILE{SUFFIX}, if it is there."),
    state: Path = STATE,
    store: str = STORE,
    by: str = BY,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Show what bundles would change; with --yes, take them in. Good objects of a bad bundle are taken, bad ones told.

    A signature has to be of a key of the source's, in force, and of these bytes; else exit code 21.
    Nothing that is taken in acts on anybody: `share indicators` writes it for scans, to which it is evidence.

    Example: stillwatch share import bundle.json --from northwind --yes
    """
    from collections import Counter

    from stillwatch.cli.share import receiving
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify import where

    receiving.installed()
    if signature is not None and len(files) > 1:
        raise typer.BadParameter("one FILE at a time: a signature is of one", param_hint="--signature")
    from stillwatch.sharing.incoming.arriving import arriving
    from stillwatch.sharing.incoming.document import digest, read
    from stillwatch.sharing.incoming.signed import Signature
    from stillwatch.sharing.incoming.sources import load
    from stillwatch.sharing.incoming.store import Document

    sources, at = load(state), where.seconds(now)
    teller = sources.one(source)
    if teller.keys is not None:
        needs("cryptography", "share")
    refused: Counter[str] = Counter()
    documents = []
    with receiving.opened(state, store) as held:
        for file in files:
            beside = Signature(signature or file.with_name(file.name + SUFFIX), signature is not None)
            received = read(file, teller, beside, at)
            if beside.unread(teller):
                typer.echo(f"{beside.place}: not looked into, {source} has no keys in sources.toml", err=True)
            found = arriving(received.read, teller, sources, held, at)
            if yes:
                made = Document(
                    source, digest(received.data), file.name, at, receiving.who(by), len(found.take),
                    found.rejected, signed_by=" ".join(received.signed_by),
                )  # fmt: skip
                held.take(made, found.take)
            refused += found.refused
            documents.append({**_row(found), "file": file.name, "signed_by": list(received.signed_by)})
            if not json:
                _show(file, found, received.signed_by)
    if json:
        where.printed({"taken_in": yes, "documents": documents})
    elif not yes:
        typer.echo("nothing was taken in; say --yes", err=True)
    where.end(refused)


def _row(found: Arriving) -> dict[str, object]:
    return {
        "source": found.source, "new": dict(found.new), "newer": dict(found.newer), "withdrawn": found.withdrawn,
        "known": found.known, "values": dict(found.values), "refused": dict(found.refused),
    }  # fmt: skip


def _show(file: Path, found: Arriving, signed_by: tuple[str, ...]) -> None:
    from stillwatch.cli.share.receiving import shown, told

    by = " and ".join(one[:16] for one in signed_by)
    typer.echo(f"{shown(file.name)}, {f'signed by {by}' if by else 'unsigned'}:")
    typer.echo(f"  new: {told(found.new)}; newer: {told(found.newer)}; withdrawn: {found.withdrawn:,}")
    typer.echo(f"  known already: {found.known:,}; set aside: {found.rejected:,}")
    typer.echo(f"  values of new indicators: {told(found.values)}")
