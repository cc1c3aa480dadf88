"""`stillwatch share log`: what went to whom, when, by whom, and whether the file is as it was written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.share.outgoing import NOW, STATE


def log(
    state: Path = STATE,
    check: bool = typer.Option(False, "--check", help="Only verify the chain, and print the hash of its last line."),
    head: str = typer.Option("", metavar="HASH", help="Hash of a last line of before: the file must go on from it."),
    now: datetime = NOW,
    json: bool = JSON,
) -> None:
    """Show what was proposed, allowed, sent and taken back, and where each package stands.

    Each line has the hash of the one before, so that a line that was changed, moved or taken out shows. Lines cut off at the
    end show only to whoever kept a hash: keep the one that --check prints elsewhere.

    Example: stillwatch share log --check --head HASH
    """
    from stillwatch.cli.verify.where import day, printed, seconds, table
    from stillwatch.errors import BadConfiguration
    from stillwatch.safeguards.chain import START
    from stillwatch.safeguards.chain import seconds as moment
    from stillwatch.sharing.outgoing import log as logs

    at, chain = seconds(now), logs.chain(state)
    entries = chain.read()
    there = logs.standings(entries, chain)
    if head and head not in (one.hash for one in entries):
        raise BadConfiguration(
            "no line has the hash that was kept", str(state / logs.FILE), "a file that goes on from it", "an older copy"
        )
    last = entries[-1].hash if entries else START
    stands = [
        {"package": one.package, "to": one.to, "state": one.state(at), "marking": one.marking, "objects": one.objects,
         "proposed_by": one.proposed_by, "approved_by": one.approved_by or None} for one in there.values()
    ]  # fmt: skip
    rows = [{name: told for name, told in one.row.items() if name != "before"} for one in entries]
    if json:
        printed({"head": last, "packages": stands, **({} if check else {"lines": rows})})
        return
    if not check:
        table(
            ("When", "What", "Package", "To", "Who", "How and why"),
            [(day(moment(row["at"])), row["kind"], row["package"][:12], row["to"], row["who"], _more(row)) for row in rows],
        )  # fmt: skip
        table(
            ("Package", "To", "Stands", "Marking", "Objects"),
            [(str(one["package"])[:12], str(one["to"]), str(one["state"]), str(one["marking"]), f"{one['objects']:,}")
             for one in stands],
        )  # fmt: skip
    typer.echo(f"{len(entries):,} lines in order", err=True)
    if check:
        typer.echo(last)


def _more(row: dict[str, object]) -> str:
    told = [str(row[name]) for name in ("how", "where", "why", "marking") if row.get(name)]
    return ", ".join(told)
