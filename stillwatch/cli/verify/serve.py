"""`stillwatch verify serve`: webhooks of vendors and logins at organisations taken, cases told to the provider's systems."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.beside import address
from stillwatch.cli.scan import CONFIG
from stillwatch.cli.verify import where
from stillwatch.cli.verify.asked_for import LISTS
from stillwatch.cli.verify.where import KEY


def serve(
    state: Path = typer.Option(..., "--state", help="Folder for what it keeps: cases, the inner token, assessments."),
    vendors: Path = typer.Option(None, help="Vendors and organisations, TOML (docs/verification-vendors.md)."),
    inside: str = typer.Option(
        "127.0.0.1:8082", metavar="HOST:PORT", help="For the provider's own systems: accounts, cases, /metrics."
    ),
    outside: str = typer.Option(
        None, metavar="HOST:PORT", help="For the world, behind TLS: webhooks and logins; 127.0.0.1:8083."
    ),
    cases: str = typer.Option("", help="Store of cases elsewhere: a SQLite file, or postgresql+psycopg://…"),
    ask: bool = typer.Option(
        False,
        "--ask",
        help="Open a case for each sign-up in doubt, within a day's bounds; without it the step is told only.",
    ),
    token: Path = typer.Option(
        None,
        help="File with the tokens that open the inner door, one a line; by default STATE/inside.token, made anew.",
    ),
    lists: Path = LISTS,
    side: Path = typer.Option(None, help="Folder with accounts, as in a log; with --result."),
    result: Path = typer.Option(
        None,
        "--result",
        "-r",
        help="Result of a scan: sign-ups are held against accounts that were closed by the start.",
    ),
    config: Path = CONFIG,
    key: Path = KEY,
) -> None:
    """Serve over HTTP: sign-ups are assessed, and what vendors and organisations say of a step goes into its case.

    Whatever a webhook says counts only with its vendor's signature, and once. It calls nobody but the issuers of logins.
    Sign-ups are remembered in STATE, as pseudonyms, for as long as they are compared.

    Example: stillwatch verify serve --state STATE --vendors vendors.toml --outside 127.0.0.1:8083
    """
    import time
    from datetime import UTC, datetime

    from stillwatch.errors import EngineMissing

    if (side is None) != (result is None):
        raise typer.BadParameter("--side and --result go together: who was closed, and what was found of them")
    inner = address("--inside", inside)
    outer = None if outside is None else address("--outside", outside)
    try:
        from stillwatch.config import load
        from stillwatch.noted import Notes
        from stillwatch.verification.asking import Asking
        from stillwatch.verification.assessor import Assessor
        from stillwatch.verification.at_the_door import AtTheDoor
        from stillwatch.verification.carried_on import carried_on
        from stillwatch.verification.configured import Configured
        from stillwatch.verification.configured import load as vendors_of
        from stillwatch.verification.door import Service
        from stillwatch.verification.inside_tokens import tokens
        from stillwatch.verification.lists import Lists
        from stillwatch.verification.organizations import Organizations
        from stillwatch.verification.partners_file import partners
        from stillwatch.verification.reading import SignupReader
        from stillwatch.verification.served import serve as run
        from stillwatch.verification.signs import ALL
    except ModuleNotFoundError as missing:
        raise EngineMissing(
            f"the package {missing.name} is not installed", "verify serve", "the extra `verify`",
            "pip install 'stillwatch[verify]'",
        ) from None  # fmt: skip
    whole = load(config)
    settings = whole.verification
    told = Configured() if vendors is None else vendors_of(vendors)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    notes = Notes(state / "assessed", time.time)
    with where.opened(cases or str(state / "cases.db"), key, settings.most_tries) as store:
        known, closed = Lists.load(lists), None
        if result is not None and side is not None:
            known.partners = partners(side, whole.reading, datetime.now(UTC), store.keys)
            closed = carried_on(side, result, store.keys, whole, datetime.now(UTC))
        door = AtTheDoor(
            SignupReader(store.keys, known), Assessor(whole, known, carries_on=closed), state / "signups.jsonl",
            whole.signups.window_days, time.time(),
        )  # fmt: skip
        _says(f"{door.remembered:,} sign-ups remembered")
        service = Service(
            assesses=door, cases=store, vendors=told.vendors, secrets=told.secrets,
            organizations=Organizations(told.issuers, told.callback), tokens=tokens(token, state), now=time.time,
            asks=Asking(store, {one.code: one.family for one in ALL}, settings, ask), notes=notes,
            says=_says, return_url=told.return_url,
        )  # fmt: skip
        try:
            run(service, inner, outer, _says)
        finally:
            notes.close()
            door.close()


def _says(text: str) -> None:
    typer.echo(text, err=True)
