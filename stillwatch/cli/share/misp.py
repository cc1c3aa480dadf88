"""`stillwatch share misp import`: events of MISP as indicators."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import JSON

app = typer.Typer(
    help="Events of MISP (docs/sharing-misp.md); they leave by `share release --as misp`.", no_args_is_help=True
)


@app.callback()
def options() -> None:
    """Events of MISP (docs/sharing-misp.md); they leave by `share release --as misp`."""


@app.command("import")
def import_(
    event: Path = typer.Argument(..., help="A file that MISP exported: one event or several, JSON."),
    out: Path = typer.Option(..., "--out", "-o", help="Where to write a STIX 2.1 bundle of the indicators."),
    rows: Path = typer.Option(None, help="Write them as rows of a log's indicators.jsonl as well."),
    json: bool = JSON,
) -> None:
    """Make indicators of MISP events: a bundle, to be looked at and taken in as any that others sent.

    Attributes that machines may look for, and those that stillwatch made, become indicators, with their ids, markings,
    confidence and validity; what no log can show is counted and left.

    Example: stillwatch share misp import event.json --out event.stix.json
    """
    import orjson

    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import printed
    from stillwatch.errors import SOME_ROWS_SET_ASIDE

    needs("rfc8785", "share")
    from stillwatch.sharing import files
    from stillwatch.sharing.misp.received import received
    from stillwatch.sharing.misp.received import rows as as_rows

    found = received(event)
    made = as_rows(found.bundle)
    files.replace(out, orjson.dumps(found.bundle, option=orjson.OPT_INDENT_2) + b"\n")
    if rows:
        files.replace(rows, b"".join(orjson.dumps(row) + b"\n" for row in made))
    many = sum(one["type"] == "indicator" for one in found.bundle["objects"])
    if json:
        printed({"indicators": many, "values": len(made), "aside": dict(found.aside.most_common()), "out": str(out)})
    else:
        typer.echo(f"{many:,} indicators with {len(made):,} values: {out}")
    for why, count in found.aside.most_common():
        typer.echo(f"left: {count:,} attributes, {why}", err=True)
    if broken := sum(
        count for why, count in found.aside.items() if why.startswith("not ") or why.startswith("without")
    ):
        typer.echo(f"{broken:,} attributes could not be read", err=True)
        raise typer.Exit(SOME_ROWS_SET_ASIDE)
