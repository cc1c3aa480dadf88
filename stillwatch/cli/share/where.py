"""Options that several commands of `share` have."""

from __future__ import annotations

from pathlib import Path

import typer

STATE = typer.Option(Path("sharing"), "--state", help="Folder of what is shared: the secret of its keys, and drafts.")
SECRET = "share.secret"  # in that folder; made on first use, mode 600
