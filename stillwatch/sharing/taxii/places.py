"""How far each collection of each partner has been pulled: a file for each, written whole."""

from __future__ import annotations

from pathlib import Path

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.sharing import files
from stillwatch.sharing.taxii.instants import micros


def read(path: Path) -> str:
    """The instant after which to ask; empty where nothing was pulled. BadConfiguration where the file is none of ours."""
    try:
        told = orjson.loads(path.read_bytes())["added_after"]
        micros(told)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise BadConfiguration(
            f"how far was pulled cannot be read: {problem}",
            str(path),
            "a file that pull wrote",
            "without it all is pulled again",
        ) from None
    return str(told)


def write(path: Path, added_after: str) -> None:
    """On the disk before it returns: what it says was pulled is there."""
    files.replace(path, orjson.dumps({"added_after": added_after}))
