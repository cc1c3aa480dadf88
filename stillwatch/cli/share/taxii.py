"""What commands of the TAXII server and client share: options, and what stands where in STATE."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from stillwatch.sharing.taxii.exchange import Exchange

STATE = typer.Option(..., "--state", help="Folder for what it keeps.")
EXCHANGE = typer.Option(
    None, help="Collections and partners, TOML (docs/sharing-taxii.md); by default STATE/exchange.toml."
)
STORE = typer.Option("", help="Objects elsewhere than STATE/objects.db: a SQLite file, or postgresql+psycopg://…")
CREDENTIALS = typer.Option(None, help="File of mode 600 with NAME:SECRET for HTTP Basic, or a bearer token alone.")
CA = typer.Option(None, help="Authorities that vouch for the server, PEM, instead of the system's.")


def installed() -> None:
    """Say what is missing before anything of the extra is imported."""
    from stillwatch.cli.share.needs import needs

    for name in ("sqlalchemy", "uvicorn", "aiohttp", "prometheus_client"):
        needs(name, "share")


def offered(path: Path | None, state: Path) -> Exchange:
    from stillwatch.sharing.taxii.exchange import load

    return load(path or state / "exchange.toml")


def opened(store: str, state: Path) -> Engine:
    from stillwatch.sharing.taxii.schema import opened

    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return opened(store or state / "objects.db")


def says(text: str) -> None:
    typer.echo(text, err=True)
