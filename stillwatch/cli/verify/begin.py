"""`stillwatch verify begin VENDOR CASE`: the request that begins a check at a vendor; with --yes it is sent."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import JSON


def begin(
    vendor: str = typer.Argument(..., help="stripe_identity or persona."),
    case: str = typer.Argument(..., help="The case that it is for (stillwatch verify cases)."),
    vendors: Path = typer.Option(..., help="Vendors, TOML, with api_key (docs/verification-vendors.md)."),
    return_url: str = typer.Option(..., help="Where the customer comes back to, an address of yours."),
    yes: bool = typer.Option(False, "--yes", help="Send it. Without it the request is shown, and nothing is sent."),
    json: bool = JSON,
) -> None:
    """Begin a check at a vendor: shows the request until you say --yes, then prints the page to send the customer to.

    The same case twice begins one session. Whoever has the page's address can use it: it is for the customer alone.

    Example: stillwatch verify begin stripe_identity V-8hJ2 --vendors vendors.toml --return-url https://example.com/account
    """
    import asyncio
    import sys

    import orjson

    from stillwatch.errors import BadConfiguration, EngineMissing

    try:
        from stillwatch.verification.configured import load
        from stillwatch.verification.vendors.begin import request, send
    except ModuleNotFoundError as missing:
        raise EngineMissing(
            f"the package {missing.name} is not installed", "verify begin", "the extra `verify`",
            "pip install 'stillwatch[verify]'",
        ) from None  # fmt: skip
    if not return_url.startswith(("https://", "http://")):
        raise typer.BadParameter(f"--return-url {return_url!r}: an address that begins with https://")
    way = load(vendors).ways.get(vendor)
    if way is None:
        raise BadConfiguration("the vendor is not set up", f"{vendors}: vendors.{vendor}", "secrets, api_key, template")
    asked = request(vendor, case, return_url, way.template, way.base_url)
    if not yes:
        shown = orjson.dumps({"schema_version": 1, "sent": False, "request": asked.shown()}, option=orjson.OPT_INDENT_2)
        sys.stdout.buffer.write(shown + b"\n")
        typer.echo("nothing was sent; say --yes to send it", err=True)
        return
    begun = asyncio.run(send(vendor, asked, way.key(vendor)))
    told = {
        "schema_version": 1,
        "sent": True,
        "vendor": vendor,
        "case": case,
        "session": begun.session,
        "url": begun.url,
    }
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n" if json else f"{begun.session}\t{begun.url}\n".encode())
