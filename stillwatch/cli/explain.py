"""`stillwatch explain C-…|A-…`: the tree of evidence behind a campaign or an account, from stored tables."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.where import OUT


def explain(
    name: str = typer.Argument(help="A campaign (C-…) or an account (its id, or A- and its id)."),
    out: Path = OUT,
    verify: bool = typer.Option(False, help="Run every query again and compare with the stored number."),
    json: bool = JSON,
) -> None:
    """Print why: reasons with their numbers, weights and innocent explanations. Nothing is computed again."""
    import sys

    import orjson
    from rich.console import Console

    from stillwatch.render.explain import account_tree, account_tree_json, campaign_tree, campaign_tree_json
    from stillwatch.run.explained import checks, explained_account, explained_campaign

    campaign = explained_campaign(out, name)
    if campaign is None:
        account = explained_account(out, name)
        if json:
            sys.stdout.write(orjson.dumps(account_tree_json(*account)).decode() + "\n")
        else:
            Console().print(account_tree(*account))
        return
    if json:
        document = campaign_tree_json(campaign)
        if verify:
            document["checks"] = checks(out, campaign)
        sys.stdout.write(orjson.dumps(document).decode() + "\n")
        return
    Console().print(campaign_tree(campaign))
    if verify:
        for check in checks(out, campaign):
            if check["same"] is None:
                typer.echo(
                    f"{'?':8} {check['code']}: stored {check['stored']:.6g}; the tables it comes from stayed in Spark"
                )
                continue
            mark = "same" if check["same"] else "DIFFERS"
            typer.echo(f"{mark:8} {check['code']}: stored {check['stored']:.6g}, recomputed {check['recomputed']:.6g}")
