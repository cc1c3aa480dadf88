"""`stillwatch canary`: what campaigns are told to make up, what to ask a suspect model, and whether it recalls any of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from stillwatch.cli.scan import JSON

app = typer.Typer(
    help="Canaries of campaigns, and whether a model recalls them (docs/canaries.md).", no_args_is_help=True
)
SLOTS = typer.Option(None, help="Another version of the slots; that of this package when not given.")
SECRET = typer.Option(None, help="Secret that the keys were made from.")
REGISTRY = typer.Option(None, help="File that `stillwatch guard --canary-registry` wrote.")
_SHOWN = 10  # campaigns that are listed for people; --json has all


@app.callback()
def options() -> None:
    """Canaries of campaigns, and whether a model recalls them (docs/canaries.md)."""


@app.command()
def show(
    secret: Path = SECRET,
    registry: Path = REGISTRY,
    scope: str = typer.Option("", help="A campaign's id: show what is chosen for it. Needs all of these options."),
    day: datetime = typer.Option(None, "--on", formats=["%Y-%m-%d"], help="A day of the epoch, UTC."),
    slots: Path = SLOTS,
    json: bool = JSON,
) -> None:
    """List the slots, and with a secret and a registry what is chosen for a campaign.

    Whoever knows a choice can plant it: show it to nobody before the key is opened (stillwatch watermark open).

    Example: stillwatch canary show --secret canary.secret --registry canaries.jsonl --scope C-9d3dfd69 --on 2026-11-20
    """
    from datetime import UTC

    from stillwatch.errors import BadConfiguration
    from stillwatch.safeguards.canaries.choice import chosen
    from stillwatch.safeguards.canaries.committed import committed
    from stillwatch.safeguards.canaries.slots import SHIPPED, load

    known = load(slots or SHIPPED)
    choice: Mapping[str, str] = {}
    if scope:
        if secret is None or registry is None or day is None:
            raise typer.BadParameter("--scope needs --secret, --registry and --on")
        at = day.replace(tzinfo=UTC).timestamp()
        keys = committed(registry, secret, known).keys
        found = [one for one in keys if one.campaign == scope and one.epoch.begins <= at < one.epoch.ends]
        if not found:
            raise BadConfiguration(
                "nothing was committed to", f"{registry}: {scope} on {day:%Y-%m-%d}", "a campaign of the registry",
                f"stillwatch watermark show {registry}",
            )  # fmt: skip
        choice = chosen(found[0].key, known)
    rows = [
        {
            "slot": one.id, "what": one.what, "alternatives": len(one.alternatives),
            **({"chosen": choice[one.id]} if choice else {}),
        }
        for one in known
    ]  # fmt: skip
    if json:
        _json({"schema_version": 1, "slots_version": known.version, "slots_sha256": known.sha256, "slots": rows})
        return
    typer.echo(f"version {known.version}, SHA-256 {known.sha256}", err=True)
    _table(rows)


@app.command()
def prompts(
    each: int = typer.Option(100, min=1, help="Prompts for each slot; they come again when there are no more."),
    slots: Path = SLOTS,
) -> None:
    """Print what to ask a suspect model, as JSON lines {id, slot, prompt}.

    Ask all of it, each by itself, with the model's usual temperature and without a system prompt. Fix the number before you
    begin, and leave no answer out. Ask a model that cannot have seen the campaign's answers the same, as a control.

    Example: stillwatch canary prompts --each 200 > ask.jsonl
    """
    import sys

    import orjson

    from stillwatch.safeguards.canaries.slots import SHIPPED, load

    for one in load(slots or SHIPPED):
        for number in range(each):
            prompt = one.prompts[number % len(one.prompts)]
            sys.stdout.buffer.write(
                orjson.dumps({"id": f"{one.id}-{number}", "slot": one.id, "prompt": prompt}) + b"\n"
            )


@app.command()
def recall(
    answers: Path = typer.Argument(
        ..., help="JSON lines {slot, answer} of the suspect; `prompt` is read if it is there."
    ),
    registry: Path = typer.Option(..., help="File that `stillwatch guard --canary-registry` wrote."),
    secret: Path = typer.Option(
        None, help="Secret that the keys were made from; without, opened keys alone are tried."
    ),
    control: Path = typer.Option(None, help="The same of a model that cannot have seen the campaigns' answers."),
    level: float = typer.Option(
        0.001, min=0.0, max=1.0, help="Chance of naming any campaign wrongly, over all keys tried."
    ),
    slots: Path = SLOTS,
    json: bool = JSON,
) -> None:
    """Tell whether a model uses what was chosen for a campaign, over all keys that were committed to.

    Every key is held to what trying all of them would find by chance (Holm's method). A model that shows nothing may still have
    been trained on the answers: names can be replaced, and few answers carry any.

    Example: stillwatch canary recall answers.jsonl --registry canaries.jsonl --secret canary.secret --control base.jsonl
    """
    import math

    from stillwatch.render.wording import probability
    from stillwatch.safeguards.canaries.committed import committed
    from stillwatch.safeguards.canaries.heard import heard
    from stillwatch.safeguards.canaries.recall import attributed
    from stillwatch.safeguards.canaries.slots import SHIPPED, load

    known = load(slots or SHIPPED)
    keys = committed(registry, secret, known)
    suspect, beside = heard(answers, known), None if control is None else heard(control, known)
    told = attributed(
        suspect.answers, {one.name: one.key for one in keys.keys}, known, None if beside is None else beside.answers
    )
    named = [one for one in told if one.log_p <= (math.log(level) if level else -math.inf)]
    count = sum(len(own) for own in suspect.answers.values())
    typer.echo(f"{count:,} answers, {suspect.led} led and left out; {len(told)} keys tried", err=True)
    if keys.locked or keys.other_slots:
        typer.echo(f"not tried: {keys.locked} keys not opened, {keys.other_slots} of other slots", err=True)
    if json:
        by_name = {one.name: one for one in keys.keys}
        rows = [
            {
                "campaign": by_name[one.name].campaign, "from": by_name[one.name].epoch.begins,
                "until": by_name[one.name].epoch.ends, "commitment": by_name[one.name].commitment,
                "p": one.recalled.p, "log_p": one.recalled.log_p, "log_p_corrected": one.log_p,
                "slots": [vars(row) for row in one.recalled.slots],
            }
            for one in told
        ]  # fmt: skip
        _json(
            {
                "schema_version": 1, "slots_version": known.version, "slots_sha256": known.sha256, "level": level,
                "answers": count, "led": suspect.led, "control": beside is not None,
                "named": [one.name for one in named], "keys": rows,
            }
        )  # fmt: skip
        return
    if not named:
        least = probability(math.exp(told[0].log_p))
        typer.echo(f"no evidence: the answers fit no campaign's choice, {told[0].name} best with {least} corrected")
        return
    for one in named[:_SHOWN]:
        p, corrected = probability(one.recalled.p), probability(math.exp(one.log_p))
        typer.echo(f"{one.name}: {p}, {corrected} corrected for {len(told)} keys")
    _table(
        [
            {
                "slot": row.slot, "chosen": row.chosen, "answers": row.answers, "with it": row.with_chosen,
                "p": f"{row.p:.3f}", "most used": f"{row.most_used} ({row.with_most_used})" if row.most_used else "",
            }
            for row in named[0].recalled.slots
        ]
    )  # fmt: skip


def _json(document: dict[str, Any]) -> None:
    import sys

    import orjson

    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in rows[0]:
        table.add_column(heading.capitalize())
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))  # text, never markup
    Console().print(table)
