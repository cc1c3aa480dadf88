"""`stillwatch share export OUT --to PARTNER`: a draft of what would leave, and a look at it. Nothing is approved or sent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from stillwatch.cli.scan import CONFIG, INSTANTS, JSON
from stillwatch.cli.share.where import STATE


def export(
    out: Path = typer.Argument(..., metavar="OUT", help="Result folder of a scan, replay or watch."),
    to: str = typer.Option(..., help="Partner that it is for: hashed values and ids are keyed for each one apart."),
    campaign: list[str] = typer.Option([], help="Only this campaign, C-…; several times for several. Else all."),
    tlp: str = typer.Option("amber+strict", help="TLP 2.0: clear, green, amber, amber+strict or red."),
    log: Path = typer.Option(
        None,
        help="The log that was scanned: cards and devices leave hashed, and the result has pseudonyms of them alone.",
    ),
    state: Path = STATE,
    file: Path = typer.Option(None, "--out", "-o", help="The draft; STATE/drafts/PARTNER.json when not given."),
    atlas: Path = typer.Option(
        None, help="Techniques of MITRE ATLAS, TOML, in place of those that came with the package."
    ),
    config: Path = CONFIG,
    now: datetime = typer.Option(None, formats=INSTANTS, help="As of this instant, UTC."),
    json: bool = JSON,
) -> None:
    """Write a draft of campaigns as a STIX 2.1 bundle, and show what exactly would leave and what is withheld.

    Example: stillwatch share export OUT --to acme --campaign C-8921dd5f --tlp amber+strict
    """
    import sys
    from datetime import UTC

    import orjson

    from stillwatch import tlp as protocol
    from stillwatch.cli.share.where import SECRET
    from stillwatch.config import load
    from stillwatch.sharing.keys import partner_keys
    from stillwatch.sharing.stix import atlas as techniques
    from stillwatch.sharing.stix import drafts
    from stillwatch.sharing.stix.export import exported
    from stillwatch.sharing.stix.given import given
    from stillwatch.sharing.stix.preview import preview

    marking = protocol.named(tlp)
    if marking is None:
        raise typer.BadParameter(f"{tlp!r}: one of {', '.join(protocol.NAMES)}", param_hint="--tlp")
    settings, at = load(config), datetime.now(UTC) if now is None else now.replace(tzinfo=UTC)
    default = drafts.draft_path(state, to)
    path = file or default
    made = exported(
        out, campaign or None, marking, partner_keys(state / SECRET, to), settings, at,
        given(log, settings.reading, at) if log else None,
        techniques.read(atlas) if atlas else None,
        drafts.earlier(path),
    )  # fmt: skip
    document = drafts.bundle(made)
    drafts.write(path, document)
    told = {"schema_version": 1, "to": to, "draft": str(path), "approved": False, **preview(made, document)}
    if json:
        sys.stdout.write(orjson.dumps(told).decode() + "\n")
    else:
        _show(told)
    typer.echo(f"draft: {path}; nothing was approved or sent", err=True)


def _show(told: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from stillwatch.render.visible import visible

    def table(headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> Table:
        shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
        for heading in headings:
            shown.add_column(heading, overflow="fold")
        for row in rows:
            shown.add_row(*(Text(visible(str(cell))) for cell in row))
        return shown

    console = Console()
    console.print(f"to {told['to']}, {told['marking']}: {', '.join(told['campaigns'])}", markup=False)
    console.print(table(("Leaves", "Objects"), [(kind, f"{many:,}") for kind, many in told["objects"].items()]))
    rows: list[tuple[object, ...]] = [
        (
            one["pattern"],
            one["accounts"],
            one["outside"],
            f"{one['purity']:.3f}",
            one["confidence"],
            one["valid_until"][:10],
        )
        for one in told["indicators"]
    ]
    console.print(table(("Indicator", "Accounts", "Others", "Purity", "Conf.", "Until"), rows))
    console.print(table(("Withheld", "Why"), [(one["what"], one["why"]) for one in told["withheld"]]))
