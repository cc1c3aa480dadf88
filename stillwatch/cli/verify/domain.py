"""`stillwatch verify domain NAME --case C`: the TXT record that proves control of a domain, and whether it is there."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.verify.where import printed


def domain(
    name: str = typer.Argument(metavar="DOMAIN", help="Domain of the organisation."),
    case: str = typer.Option(..., help="The case that it is for: another case has another record."),
    key: Path = typer.Option(..., help="Key file that tokens are made with; it is made on first use."),
    records: Path = typer.Option(
        None, help="TXT records that were found, as `dig +noall +answer TXT NAME` prints them, or a value a line."
    ),
    json: bool = JSON,
) -> None:
    """The record to ask for; with --records, whether it was found: 0 if so, 1 if not. Looks nothing up by itself.

    Example: stillwatch verify domain example.com --case C-17 --key domains.key
    """
    from stillwatch import keyfiles
    from stillwatch.errors import FAIL_ON_REACHED, NothingToRead
    from stillwatch.verification.pathways import txt

    if not key.exists():
        keyfiles.create(key)
    asked = txt.challenge(keyfiles.read(key), case, name)
    there = None
    if records is not None:
        try:
            text = records.read_text(encoding="utf-8", errors="replace")
        except OSError as problem:
            raise NothingToRead(f"records not readable: {problem.strerror}", str(records), "a text file") from None
        there = txt.answered(asked, txt.records(text, asked.name))
    if json:
        printed({"name": asked.name, "value": asked.value, "found": there})
    else:
        typer.echo(f'{asked.name}. IN TXT "{asked.value}"')
        if there is not None:
            typer.echo("found" if there else "not found", err=True)
    if there is False:
        raise typer.Exit(FAIL_ON_REACHED)
