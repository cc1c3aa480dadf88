"""A TOML file that a person wrote, read whole."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration


def read_toml(path: Path, what: str, allowed: str = "a TOML file", next_step: str = "") -> dict[str, Any]:
    """Its document. BadConfiguration, with `what` it was to be, where it is none or cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadConfiguration(f"{what}: {problem}", str(path), allowed, next_step) from None
