"""Tokens that open the inner door: lines of a file that is for its owner alone."""

from __future__ import annotations

from pathlib import Path

from stillwatch import keyfiles

MADE = "inside.token"  # in the state's folder


def tokens(path: Path | None, state: Path) -> tuple[str, ...]:
    """Of a file, two lines while one is replaced; without one, of a file in `state` that is made where there is none."""
    if path is None:
        path = state / MADE
        if not path.exists():
            keyfiles.create(path)
    lines = keyfiles.text(path).split()
    for one in lines or [""]:
        keyfiles.parsed(one, str(path))  # short ones can be guessed
    return tuple(lines)
