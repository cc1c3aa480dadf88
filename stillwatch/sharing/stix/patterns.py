"""Patterns of indicators: one comparison for equality, which every tool reads and a scan can look up as one value.

Kinds that STIX has no object for stand under `x-stillwatch`, as `stillwatch.readers.stix` reads them.
"""

from __future__ import annotations

OWN = "x-stillwatch"


def text(path: str, value: str) -> str:
    """Of an object path such as `domain-name:value` and a string."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"[{path} = '{escaped}']"


def own(kind: str, value: str) -> str:
    """Of a kind of ours."""
    return text(f"{OWN}:{kind}", value)


def number(path: str, value: int) -> str:
    """Of an object path such as `autonomous-system:number` and a whole number."""
    return f"[{path} = {value}]"
