"""How far each collection of each partner has been pulled: a file for each, written whole."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import orjson

from stillwatch.errors import BadConfiguration
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
    whole(path, orjson.dumps({"added_after": added_after}))


def whole(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all, for its owner alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)  # the name as well
        os.close(folder)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise BadConfiguration(
            f"cannot be written: {problem.strerror}", str(path), "a folder on a disk with room"
        ) from None
