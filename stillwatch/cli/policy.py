"""`stillwatch policy check POLICY`: whether a policy can be read, and which of its rules may act."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.errors import EngineMissing

if TYPE_CHECKING:
    from stillwatch.guard.policy import Policy

app = typer.Typer(help="Policies of the guard (docs/guard.md).", no_args_is_help=True)


@app.callback()
def options() -> None:
    """Policies of the guard (docs/guard.md)."""


@app.command()
def check(
    policy: Path = typer.Argument(..., help="Policy, YAML (docs/guard.md)."),
    json: bool = typer.Option(False, "--json", help="Print the rules as JSON."),
) -> None:
    """Read a policy: its rules, and why live ones may not act; a mistake in it is exit code 12.

    Examples: stillwatch policy check policy.yaml; stillwatch policy check policy.yaml --json | jq '.rules[].id'
    """
    import sys
    from datetime import UTC, datetime

    import orjson
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from stillwatch.guard import receipts

    found = read(policy)
    objections = receipts.objections(found, receipts.read(receipts.beside(policy)), datetime.now(UTC))
    rules = [
        {
            "id": rule.id, "mode": rule.mode, "starts": rule.starts, "expires": rule.expires, "owner": rule.owner,
            "actions": [one.name for one in rule.do], "fingerprint": rule.fingerprint(),
            "objection": objections.get(rule.id, ""),
        }
        for rule in found.rules
    ]  # fmt: skip
    if json:
        sys.stdout.write(
            orjson.dumps({"schema_version": 1, "rules": rules}, option=orjson.OPT_INDENT_2).decode() + "\n"
        )
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("Rule, and who answers for it", no_wrap=True)
    for heading in ("Mode", "From, to", "Does"):
        table.add_column(heading)
    for rule in found.rules:
        does = ", ".join(one.name for one in rule.do)
        row = (f"{rule.id}\n{rule.owner}", rule.mode, f"{rule.starts:%Y-%m-%d}\n{rule.expires:%Y-%m-%d}", does)
        table.add_row(*map(Text, row))  # text, never markup
    console = Console()
    console.print(table)
    for rule_id, objection in objections.items():
        console.print(Text(f"{rule_id}: may not act: {objection}", style="red"))


def read(path: Path) -> Policy:
    """The policy of a file."""
    try:
        from stillwatch.guard import policy as policies
    except ModuleNotFoundError as missing:
        raise EngineMissing(
            f"the package {missing.name} is not installed", "policies", "the extra `guard`",
            "pip install 'stillwatch[guard]'",
        ) from None  # fmt: skip
    return policies.read(path)
