"""Options that the commands about what was received have, and how they begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import INSTANTS

if TYPE_CHECKING:
    from stillwatch.sharing.incoming.store import Store

STATE = typer.Option(Path("sharing"), "--state", help="Folder with sources.toml, and what was received.")
STORE = typer.Option("", "--store", help="What was received, elsewhere: a SQLite file, or postgresql+psycopg://…")
YES = typer.Option(False, "--yes", help="Carry it out. Without it is shown what would change, and nothing does.")
BY = typer.Option("", "--by", help="Who does it; by default the name you are logged in with.")
NOW = typer.Option(None, formats=INSTANTS, help="As of this instant, UTC.")
FILE = "received.db"


def installed() -> None:
    """Say what is missing before anything of `sharing` is imported."""
    from stillwatch.cli.share.needs import needs

    needs("sqlalchemy", "share")


def opened(state: Path, store: str) -> Store:
    """What was received."""
    from stillwatch.sharing.incoming.store import Store

    return Store(store or state / FILE)


def who(by: str) -> str:
    """The name that is noted."""
    import getpass

    try:
        return by or getpass.getuser()
    except (OSError, KeyError):
        raise typer.BadParameter("--by NAME: this machine does not say who you are") from None


def shown(text: str) -> str:
    """What others wrote, on one line, nothing hidden in it and no longer than a line."""
    from stillwatch.render.visible import clipped, one_line

    return clipped(one_line(text), 60)


def told(counted: Any) -> str:
    """Counts in words."""
    return ", ".join(f"{many:,} {shown(name)}" for name, many in sorted(counted.items())) or "none"
