"""`stillwatch share key PARTNER`: the key that a partner hashes values of his own with, to compare them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import INSTANTS
from stillwatch.cli.share.where import STATE


def key(
    partner: str = typer.Argument(..., metavar="PARTNER", help="Who is to get it."),
    file: Path = typer.Option(..., "--out", "-o", help="Where to write it; never over another, and for you alone."),
    epoch: str = typer.Option(None, help="Quarter that it is of, such as 2026q4; this one when not given."),
    state: Path = STATE,
    now: datetime = typer.Option(None, formats=INSTANTS, help="As of this instant, UTC."),
) -> None:
    """Write the key of one partner and quarter. Whoever has it can hash any value that he can guess (docs/sharing-stix.md).

    Example: stillwatch share key acme --out acme-2026q4.key
    """
    import os
    import re
    from datetime import UTC

    from stillwatch.cli.share.where import SECRET
    from stillwatch.errors import BadConfiguration
    from stillwatch.sharing.keys import epoch_of, partner_keys
    from stillwatch.sharing.stix.drafts import draft_path

    draft_path(state, partner)  # the same names as of drafts
    of = epoch or epoch_of(datetime.now(UTC) if now is None else now.replace(tzinfo=UTC))
    if not re.fullmatch(r"\d{4}q[1-4]", of):
        raise typer.BadParameter(f"{of!r}: a quarter, such as 2026q4", param_hint="--epoch")
    made = partner_keys(state / SECRET, partner).shared(of).hex()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as target:
            target.write(made + "\n")
    except OSError as problem:
        raise BadConfiguration(
            f"the key cannot be written: {problem.strerror}", str(file), "a name that is free"
        ) from problem
    typer.echo(f"{partner} {of}: {file}")
