"""`stillwatch verify outcomes --out LOG`: what outcomes tell scan and link, written beside a log."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.where import CASES, KEY, YES


def outcomes(
    out: Path = typer.Option(..., "--out", "-o", help="Log folder: evidence.jsonl and declared.jsonl are added to."),
    cases: str = CASES,
    config: Path = CONFIG,
    key: Path = KEY,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Show which accounts share a verified person or a refused document, and write it for scan and link with --yes.

    Organisations that were verified are declared, where accounts of the log folder tell whose account it is.

    Example: stillwatch verify outcomes --out LOG --cases cases.db --yes
    """
    from collections import Counter
    from datetime import UTC, datetime

    from stillwatch.cli.verify import where
    from stillwatch.config import load
    from stillwatch.readers import open_sides

    where.installed()
    from stillwatch.verification.ladder import feedback

    settings = load(config)
    with where.opened(cases, key, settings.verification.most_tries) as store:
        everyone = list(store.all())
    accounts = open_sides(out, settings.reading, datetime.now(UTC)).table("accounts")[0] if out.is_dir() else None
    organizations = {} if accounts is None else {
        account: organization
        for account, organization in zip(
            accounts["account_id"].to_pylist(), accounts["organization_id"].to_pylist(), strict=True
        )
        if organization
    }  # fmt: skip
    evidence = list(feedback.evidence(everyone))
    declared = list(feedback.declared(everyone, organizations))
    added = {"evidence": 0, "declared": 0}
    if yes:
        added["evidence"] = feedback.add(out, "evidence", evidence, ("account_id", "kind", "value"))
        added["declared"] = feedback.add(out, "declared", declared, ("kind", "id", "expires_at"))
    if json:
        where.printed({"evidence": evidence, "declared": declared, "added": added, "carried_out": yes})
    else:
        holders = Counter((one["kind"], one["value"]) for one in evidence)
        kinds = Counter(one["kind"] for one in evidence)
        shared = Counter(kind for (kind, _), many in holders.items() if many > 1)
        where.table(
            ("Kind", "Rows", "Values that several accounts share"),
            [(kind, f"{many:,}", f"{shared[kind]:,}") for kind, many in sorted(kinds.items())],
        )
        typer.echo(f"{len(declared):,} organisations are declared")
    told = f"{added['evidence']:,} rows of evidence and {added['declared']:,} declared added to {out}"
    typer.echo(told if yes else "nothing was written; say --yes to add it to the log folder", err=True)
