"""`stillwatch share token`: secrets of partners, made, replaced and revoked."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from stillwatch.cli.share import taxii

HOURS = 168.0  # a week: partners replace secrets by hand


def token(
    partner: str = typer.Argument(..., help="Its name in EXCHANGE, which is also its user name."),
    state: Path = taxii.STATE,
    exchange: Path = taxii.EXCHANGE,
    store: str = taxii.STORE,
    overlap: float = typer.Option(HOURS, min=0, help="Hours for which the secret before still counts."),
    revoke: bool = typer.Option(False, "--revoke", help="End all of its secrets now instead of making one."),
    yes: bool = typer.Option(False, "--yes", help="Carry it out. Without it the plan is shown and nothing is changed."),
) -> None:
    """Make a secret for a partner and print it, once: only its digest is kept.

    It is the password of HTTP Basic, with PARTNER as the user, and a bearer token as well. Earlier ones count for the overlap.

    Example: stillwatch share token other-lab --state STATE --yes
    """
    from stillwatch.errors import BadConfiguration

    taxii.installed()
    from stillwatch.sharing.taxii import instants
    from stillwatch.sharing.taxii.tokens import Tokens

    offered = taxii.offered(exchange, state)
    if partner not in offered.partners and not revoke:  # one who was taken out of the file can still be revoked
        raise BadConfiguration("no such partner", partner, ", ".join(offered.partners) or "none is in the file yet")
    opened = taxii.opened(store, state)
    tokens = Tokens(opened)
    there = tokens.of(partner)
    for since, until in there:
        ends = "" if until == instants.MOST else f", ends {instants.written(until)}"
        taxii.says(f"a secret since {instants.written(since)}{ends}")
    if not yes:
        plan = (
            f"would end {len(there)}"
            if revoke
            else f"would make one; {len(there)} before it would count {overlap:g} hours"
        )
        taxii.says(f"{plan}: say --yes")
    elif revoke:
        taxii.says(f"ended: {tokens.revoke(partner)}")
    else:
        sys.stdout.write(tokens.make(partner, overlap * 3_600) + "\n")
    opened.dispose()
