"""A span of time as an option: 30m, 6h, 1d."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def span(text: str, shortest: str, longest: str) -> timedelta:
    """A number of minutes, hours or days, within these bounds; anything else is a usage error."""
    found = _parsed(text)
    least, most = _parsed(shortest), _parsed(longest)
    assert least is not None and most is not None, "BUG: bounds are spans"
    if found is None or not least <= found <= most:
        raise typer.BadParameter(f"{text!r}: minutes, hours or days, such as 30m, 6h or 1d; {shortest} to {longest}")
    return found


def _parsed(text: str) -> timedelta | None:
    match = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    return int(match[1]) * _UNITS[match[2]] if match else None
