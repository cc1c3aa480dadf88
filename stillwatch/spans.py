"""A span of time as people write it: 30m, 6h, 1d."""

from __future__ import annotations

import re
from datetime import timedelta

FORM = "minutes, hours or days, such as 30m, 6h or 1d"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def span_of(text: str) -> timedelta | None:
    """The span, or None when the text is none."""
    match = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    return int(match[1]) * _UNITS[match[2]] if match else None
