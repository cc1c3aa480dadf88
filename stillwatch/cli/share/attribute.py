"""`stillwatch share attribute OUT --campaign C-…`: who may be behind a campaign, as hypotheses without names."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON, KEY


def attribute(
    out: Path = typer.Argument(..., metavar="OUT", help="Result folder of a scan; it is read and left as it is."),
    campaign: str = typer.Option(..., "--campaign", help="Which campaign (C-…)."),
    actors: Path = typer.Option(..., "--actors", help="Library of actors, TOML (docs/sharing-attribution.md)."),
    config: Path = CONFIG,
    key: Path = KEY,
    json: bool = JSON,
) -> None:
    """Weigh who may be behind a campaign: an assessment with placeholders for names, apart from all scores.

    Nothing is written. Examples: stillwatch share attribute OUT --campaign C-3f9a --actors actors.toml;
    the same with --json > assessment.json, on which a name can be proposed (stillwatch share name).
    """
    import os
    import sys

    import orjson

    from stillwatch.config import load
    from stillwatch.errors import SOME_ROWS_SET_ASIDE, BadConfiguration
    from stillwatch.pseudonyms import KEY_VARIABLE, load_key
    from stillwatch.sharing.attribution import library
    from stillwatch.sharing.attribution.assessment import assess, document
    from stillwatch.sharing.attribution.opened import opened
    from stillwatch.sharing.attribution.terminal import lines

    known = library.load(actors)
    where = key or out.with_name(f"{out.name}.key")
    if not os.environ.get(KEY_VARIABLE) and not where.exists():  # a new key would fit nothing
        raise BadConfiguration(
            "the key of this result is missing", str(where), "the key that it was scanned with", "--key"
        )
    seen = opened(out, campaign, known, load_key(where, os.environ))
    told = document(assess(seen, known, load(config).seed))
    if json:
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        for line in lines(told):
            typer.echo(line)
    for row in known.aside:
        typer.echo(f"set aside: {row.where}: {row.why}", err=True)
    if known.aside:
        raise typer.Exit(SOME_ROWS_SET_ASIDE)
