"""`stillwatch verify regions POLICY [LOG]`: whether a region policy is sound, and whom of a log it concerns."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, INSTANTS, JSON
from stillwatch.cli.verify.asked_for import instant
from stillwatch.cli.verify.where import end, printed


def regions(
    policy: Path = typer.Argument(help="Region policy, TOML (docs/verification-regions.md)."),
    log: Path = typer.Argument(None, help="Log folder with accounts; without it the policy alone is checked."),
    facts: Path = typer.Option(
        None, help="What later steps told, JSON lines: account_id, organization_seat, ownership, …"
    ),
    as_of: datetime = typer.Option(None, formats=INSTANTS, help="Ask about this instant, UTC; now by default."),
    config: Path = CONFIG,
    json: bool = JSON,
) -> None:
    """Whom a region policy concerns, with the ground and the evidence. No part of any likelihood; nobody is refused by this.

    Examples: stillwatch verify regions regions.toml; stillwatch verify regions regions.toml LOG --facts facts.jsonl --json
    """
    from dataclasses import asdict

    from stillwatch.config import load
    from stillwatch.verification.region_facts import facts_of, told
    from stillwatch.verification.regions import load as load_policy
    from stillwatch.verification.regions import region_finding

    entries, aside = load_policy(policy), Counter[str]()
    if log is None:
        if json:
            printed({"regions": [{**asdict(one), "since": one.since.isoformat()} for one in entries]})
        else:
            for one in entries:
                typer.echo(f"{one.country}  {one.outcome} since {one.since}: {one.ground} ({one.source})")
        return
    later = told(facts, aside) if facts else {}
    rows, looked_at = [], 0
    for account, known in facts_of(log, load(config).reading, instant(as_of), later, aside):
        looked_at += 1
        if (finding := region_finding(entries, known)) is not None:
            rows.append({"account_id": account, **asdict(finding)})
    if json:
        printed({"looked_at": looked_at, "findings": rows, "set_aside": aside.total()})
    else:
        for row in rows:
            typer.echo(f"{row['account_id']}  {row['outcome']} {row['step']}".rstrip() + f": {row['says']}")
        typer.echo(f"{len(rows):,} of {looked_at:,} accounts; nobody has been asked or refused", err=True)
    end(aside)
