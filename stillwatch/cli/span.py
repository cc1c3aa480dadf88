"""A span of time as an option: 30m, 6h, 1d."""

from __future__ import annotations

from datetime import timedelta

import typer

from stillwatch.spans import FORM, span_of


def span(text: str, shortest: str, longest: str) -> timedelta:
    """A number of minutes, hours or days, within these bounds; anything else is a usage error."""
    found = span_of(text)
    least, most = span_of(shortest), span_of(longest)
    assert least is not None and most is not None, "BUG: bounds are spans"
    if found is None or not least <= found <= most:
        raise typer.BadParameter(f"{text!r}: {FORM}; {shortest} to {longest}")
    return found
