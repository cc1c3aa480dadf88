"""`stillwatch verify victims RESULT`: whose keys were stolen, and what is done for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.where import NOW, RESPONSES, YES


def victims(
    result: Path = typer.Argument(..., metavar="RESULT", help="Result folder of scan, replay or watch."),
    responses: Path = RESPONSES,
    api_keys: Path = typer.Option(
        None, help="Ids of API keys as the log had them, one a line: named in place of pseudonyms."
    ),
    key: Path = typer.Option(None, "--key", help="Key file of the scan's pseudonyms, for --api-keys."),
    config: Path = CONFIG,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Show which keys are to be rotated, and what may be told to their owners. Nothing is written until you say --yes.

    Example: stillwatch verify victims OUT --responses responses.jsonl --yes
    """
    import os
    from dataclasses import asdict

    from stillwatch.cli.verify import where
    from stillwatch.config import load
    from stillwatch.errors import BadConfiguration
    from stillwatch.pseudonyms import API_KEY, load_key

    where.installed()
    from stillwatch.verification.ladder import responses as rows
    from stillwatch.verification.ladder.victims import helped
    from stillwatch.verification.ladder.victims import victims as found

    at, settings, named = where.seconds(now), load(config).verification, dict[str, str]()
    if api_keys is not None:
        keys = load_key(key or result.resolve().with_name(f"{result.resolve().name}.key"), os.environ)
        try:
            given = api_keys.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as problem:
            raise BadConfiguration(f"ids of keys not readable: {problem}", str(api_keys), "one a line") from None
        named = {keys.token(API_KEY, one): one for one in given}
    made = helped(found(result), rows.read(responses), named, at, settings)
    new = rows.write(responses, made) if yes else 0
    if json:
        where.printed({"rows": [asdict(one) for one in made], "carried_out": yes})
    else:
        where.table(
            ("Account", "What", "Why", "Keys, or words for the customer"),
            [(one.account_id, one.what, one.why, ", ".join(one.details) or one.told) for one in made],
        )
    typer.echo(
        f"{new:,} rows added to {responses}" if yes else "nothing was written; say --yes to carry it out", err=True
    )
