"""`stillwatch verify returning LOG --result RESULT`: which newcomers continue an account that was closed, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, INSTANTS, JSON, NETWORKS, QUIET
from stillwatch.cli.where import LOG_FORMAT, MAP, as_logged

SHOWN = 20  # newcomers printed with their reasons; all are in the document and in --out


def returning(
    log: Path = typer.Argument(..., help="Log folder, as for scan, with its accounts."),
    result: Path = typer.Option(..., help="Result of a scan or replay that ended before the newcomers began."),
    first: int = typer.Option(50, min=1, max=1000, help="First exchanges of a newcomer that are looked at."),
    since: datetime = typer.Option(
        None,
        formats=INSTANTS,
        help="Newcomers begin after it; by default after what RESULT has read, and the first ban.",
    ),
    as_of: datetime = typer.Option(None, formats=INSTANTS, help="Read nothing later than this, UTC."),
    out: Path = typer.Option(None, "--out", "-o", help="File of all newcomers at all moments, Parquet."),
    key: Path = typer.Option(None, "--key", help="Key file of the pseudonyms; RESULT.key beside RESULT by default."),
    networks: Path = NETWORKS,
    log_format: str = LOG_FORMAT,
    map: list[str] = MAP,
    config: Path = CONFIG,
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Say which newcomers continue a closed account: at sign-up, and after their first exchanges. Nothing is done to them.

    Examples: stillwatch verify returning LOG --result OUT; stillwatch verify returning LOG --result OUT --first 25 --json
    """
    import sys
    from dataclasses import replace
    from datetime import UTC

    import orjson
    import pyarrow.parquet as pq

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.config import load
    from stillwatch.errors import SOME_ROWS_SET_ASIDE
    from stillwatch.verification.returning.returned import Asked, returned

    settings = as_logged(load(config), log_format, map)
    settings = replace(settings, returns=replace(settings.returns, first=first))
    begin, end = (None if one is None else one.replace(tzinfo=UTC) for one in (since, as_of))
    with TerminalWatcher(quiet) as watcher:
        found = returned(Asked(log, result, key, networks, begin, end), settings, datetime.now(UTC), watcher)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(found.rows, out, compression="zstd")
    document = found.document
    if json:
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for line in _lines(document):
            typer.echo(line)
    if document["hindsight"]:
        typer.echo("RESULT has read beyond --since: what it says of accounts was not known then", err=True)
    if found.rejected:
        typer.echo(f"{found.rejected:,} input rows were set aside; a scan lists them", err=True)
        raise typer.Exit(SOME_ROWS_SET_ASIDE)


def _lines(document: dict[str, object]) -> list[str]:
    accounts: list[dict[str, object]] = document["accounts"]  # type: ignore[assignment]
    lines = [
        f"{document['linked']:,} of {document['newcomers']:,} accounts that began after {document['since']} continue a closed "
        f"one, more likely than not; {document['linked_at_sign_up']:,} could be told at sign-up"
    ]
    for one in accounts[:SHOWN]:
        lines.append(f"{one['text']}, after {one['exchanges']} exchanges")
        for reason in one["reasons"]:  # type: ignore[attr-defined]
            lines.append(f"  {reason['weight']:+5.1f}  {reason['text']}; innocent: {reason['innocent_explanation']}")
    if len(accounts) > SHOWN:
        lines.append(f"and {len(accounts) - SHOWN:,} more, in --json")
    return [*lines, "nothing was done to anybody"]
