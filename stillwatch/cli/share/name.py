"""`stillwatch share name CAMPAIGN ACTOR`: one person proposes whose name goes with a campaign, another confirms it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import INSTANTS, JSON


def name(
    campaign: str = typer.Argument(..., metavar="CAMPAIGN", help="The campaign (C-…)."),
    actor: str = typer.Argument(..., metavar="ACTOR", help="The actor's id in the library."),
    who: str = typer.Option(..., "--who", help="Who says so. The second person must be another."),
    reason: str = typer.Option(..., "--reason", help="Why; it is kept."),
    assessment: Path = typer.Option(None, "--assessment", help="What `stillwatch share attribute --json` printed."),
    actors: Path = typer.Option(None, "--actors", help="Library of actors, to propose from."),
    confirm: bool = typer.Option(False, "--confirm", help="Stand for what somebody else proposed."),
    undo: bool = typer.Option(False, "--undo", help="Take a proposal or a name back; one person is enough."),
    until: datetime = typer.Option(None, formats=INSTANTS, help="When it lapses, UTC; by default in 180 days."),
    state: Path = typer.Option(Path("names.jsonl"), "--state", help="Log of names; lines are added, never changed."),
    json: bool = JSON,
) -> None:
    """Let a name go with a campaign, after two persons have said so on one assessment. It changes no score and no response.

    Examples: stillwatch share name C-3f9a gull --who ann --reason "…" --assessment a.json --actors actors.toml;
    then stillwatch share name C-3f9a gull --who bob --reason "…" --assessment a.json --confirm
    """
    import sys
    from dataclasses import asdict
    from datetime import UTC

    import orjson

    from stillwatch.sharing.attribution import library, naming

    if confirm and undo:
        raise typer.BadParameter("--confirm or --undo, not both")
    if not undo and assessment is None:
        raise typer.BadParameter("--assessment: a name stands on one")
    if not undo and not confirm and actors is None:
        raise typer.BadParameter("--actors: a name is proposed from the library")
    now = datetime.now(UTC)
    if undo:
        naming.undo(state, campaign, actor, who, reason, now)
        told = f"{actor} goes with {campaign} no longer"
    elif confirm:
        made = naming.confirm(state, campaign, actor, who, reason, naming.assessment(assessment), now)
        told = (
            f"{made.name} goes with {campaign} until {made.until:%Y-%m-%d}: {made.proposed_by} and {made.confirmed_by}"
        )
    else:
        end = None if until is None else until.replace(tzinfo=UTC)
        written = naming.assessment(assessment)
        asked = naming.propose(state, campaign, actor, who, reason, written, library.load(actors), now, end)
        told = f"{asked.who} proposes {actor} for {campaign}; somebody else has to confirm it within {naming.STANDS.days} days"
    if json:
        stands = {"schema_version": 1, **asdict(naming.standing(state, campaign, now))}
        sys.stdout.buffer.write(orjson.dumps(stands, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        typer.echo(told)
