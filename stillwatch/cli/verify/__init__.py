"""`stillwatch verify`: who is at the door, what is asked of them, and who is back. One file per command."""

from __future__ import annotations

import typer

from stillwatch.cli.verify import (
    ask,
    assess,
    begin,
    cases,
    declare,
    domain,
    due,
    outcomes,
    pathways,
    recheck,
    regions,
    returning,
    serve,
    victims,
)

app = typer.Typer(
    help="Sign-ups: their risk, what is asked of them, and who is back after a ban (docs/verification.md).",
    no_args_is_help=True,
)
app.command("assess")(assess.assess)
app.command("ask")(ask.ask)
app.command("cases")(cases.cases)
app.command("due")(due.due)
app.command("victims")(victims.victims)
app.command("outcomes")(outcomes.outcomes)
app.command("declare")(declare.declare)
app.command("returning")(returning.returning)
app.command("serve")(serve.serve)
app.command("begin")(begin.begin)
app.command("pathways")(pathways.pathways)
app.command("recheck")(recheck.recheck)
app.command("domain")(domain.domain)
app.command("regions")(regions.regions)


@app.callback()
def options() -> None:
    """Sign-ups: their risk, what is asked of them, and who is back after a ban (docs/verification.md)."""
