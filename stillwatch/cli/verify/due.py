"""`stillwatch verify due`: what follows for those whose deadline nears or is over; with --yes it is written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.where import CASES, KEY, NOW, RESPONSES, RESULT, YES


def due(
    cases: str = CASES,
    responses: Path = RESPONSES,
    side: Path = typer.Option(
        None, help="Folder in which the guard reads: verifications.jsonl is written there, with --yes."
    ),
    result: Path = RESULT,
    undo: list[str] = typer.Option([], metavar="KEY", help="Take this response back; several times for several."),
    why: str = typer.Option("", help="Why it is taken back, and by whom."),
    config: Path = CONFIG,
    key: Path = KEY,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Show who is to be reminded, limited or suspended, and who is freed. Nothing is written until you say --yes.

    Exits with 20 when a response cannot be written.

    Example: stillwatch verify due --cases cases.db --responses responses.jsonl --side LOG --yes
    """
    from dataclasses import asdict

    from stillwatch.cli.verify import where
    from stillwatch.config import load
    from stillwatch.errors import BadConfiguration

    where.installed()
    from stillwatch.verification.ladder import responses as rows
    from stillwatch.verification.ladder import told
    from stillwatch.verification.ladder.due import due as planned
    from stillwatch.verification.ladder.victims import helped_accounts, victims

    at, settings = where.seconds(now), load(config).verification
    written = rows.read(responses)
    with where.opened(cases, key, settings.most_tries) as store:
        everyone = list(store.all())
    if undo:
        by_key = {one.key: one for one in written if one.what not in ("undo", "declare")}
        if unknown := [one for one in undo if one not in by_key]:
            raise BadConfiguration(
                f"no such response: {', '.join(unknown)}",
                "--undo",
                f"a key of {responses}",
                "a declaration is ended by stillwatch verify declare --undo KEY",
            )
        if not why:
            raise BadConfiguration("a response is taken back without a reason", "--why", "why, and by whom")
        made = [rows.undoing(by_key[one], why, at) for one in undo]
        stopped = ""
    else:
        helped = helped_accounts(written, at) | {one.account_id for one in (victims(result) if result else ())}
        plan = planned(everyone, written, helped, at, settings)
        made, stopped = [*plan.freed, *plan.rows], plan.stopped
    new = rows.write(responses, made) if yes else 0
    if yes and side is not None:
        told.write(side, told.standings(everyone, rows.read(responses), at, settings))
    if json:
        where.printed({"rows": [asdict(one) for one in made], "stopped": stopped, "carried_out": yes})
    else:
        where.table(
            ("Account", "What", "Why", "Until", "Undo", "Key"),
            [(one.account_id, one.what, one.why, where.day(one.expires_at), one.undo, one.key) for one in made],
        )
    if stopped:
        typer.echo(stopped, err=True)
    typer.echo(
        f"{new:,} rows added to {responses}" if yes else "nothing was written; say --yes to carry it out", err=True
    )
