"""`stillwatch verify domain NAME --case C`: the TXT record that proves control of a domain, and whether it is there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.verify.where import NOW, YES, printed, seconds

if TYPE_CHECKING:
    from stillwatch.verification.pathways.resolver import Looked

VENDOR = "dns"


def domain(
    name: str = typer.Argument(metavar="DOMAIN", help="Domain of the organisation."),
    case: str = typer.Option(..., help="The case that it is for: another case has another record."),
    key: Path = typer.Option(..., help="Key file that tokens are made with; it is made on first use."),
    records: Path = typer.Option(
        None, help="TXT records that were found, as `dig +noall +answer TXT NAME` prints them, or a value a line."
    ),
    resolver: str = typer.Option(
        None, metavar="ADDRESS[:PORT]", help="Look the record up at this resolver, an address; none is asked otherwise."
    ),
    cases: str = typer.Option(
        None, "--cases", help="Store of cases: with --yes a record that was found passes the case's organisation step."
    ),
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """The record to ask for; with --records or --resolver, whether it was found: 0 if so, 1 if not, 10 if that is not known.

    Nothing is looked up unless you name a resolver. Nobody is declared by it: `stillwatch verify declare` proposes the
    organisation to a person.

    Example: stillwatch verify domain example.com --case C-17 --key domains.key
    """
    from stillwatch import keyfiles
    from stillwatch.errors import FAIL_ON_REACHED, NothingToRead
    from stillwatch.verification.pathways import txt

    if records is not None and resolver is not None:
        raise typer.BadParameter("--records and --resolver: one of them")
    if not key.exists():
        keyfiles.create(key)
    asked = txt.challenge(keyfiles.read(key), case, name)
    there, says = None, ""
    if resolver is not None:
        found = _looked_up(asked.name, resolver)
        there = txt.answered(asked, found.texts)
        says = "" if there else found.says
    elif records is not None:
        try:
            text = records.read_text(encoding="utf-8", errors="replace")
        except OSError as problem:
            raise NothingToRead(f"records not readable: {problem.strerror}", str(records), "a text file") from None
        there = txt.answered(asked, txt.records(text, asked.name))
    recorded = _recorded(cases, case, asked.domain, seconds(now), yes) if there and cases else ""
    if json:
        printed(
            {"name": asked.name, "value": asked.value, "found": there, "says": says, "recorded": recorded == "recorded"}
        )
    else:
        typer.echo(f'{asked.name}. IN TXT "{asked.value}"')
        if there is not None:
            typer.echo("found" if there else f"not found: {says}" if says else "not found", err=True)
        if recorded:
            typer.echo(f"{case}: {recorded}", err=True)
    if there is False:
        raise typer.Exit(FAIL_ON_REACHED)


def _looked_up(name: str, at: str) -> Looked:
    from stillwatch.errors import EngineMissing

    try:
        from stillwatch.verification.pathways import resolver
    except ModuleNotFoundError as missing:
        raise EngineMissing(
            f"the package {missing.name} is not installed", "--resolver", "the extra `verify`",
            "pip install 'stillwatch[verify]'",
        ) from None  # fmt: skip
    return resolver.looked_up(name, resolver.server(at))


def _recorded(cases: str, case: str, domain: str, at: float, yes: bool) -> str:
    """News that the case's organisation controls the domain, in its store: what came of it, in words."""
    import hashlib

    from stillwatch.cli.verify import where
    from stillwatch.config import Verification
    from stillwatch.errors import BadConfiguration

    where.installed()
    from stillwatch.verification.outcome import Outcome

    facts = (("organization", domain), ("domain_txt", domain), ("method", "a TXT record"))
    event = hashlib.sha256(f"{case} {domain}".encode()).hexdigest()  # of one case and domain once
    with where.opened(cases, None, Verification.most_tries) as store:
        if store.case(case) is None:
            raise BadConfiguration(f"no such case: {case}", "--case", "a case of `verify cases`")
        if not yes:
            return "would be passed; say --yes"
        return store.record(Outcome(VENDOR, event, at, case, "organization", "passed", facts=facts), at)
