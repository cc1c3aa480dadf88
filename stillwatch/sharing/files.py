"""Files written whole or not at all, on the disk before anybody goes by them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from stillwatch.disk import settle
from stillwatch.errors import BadConfiguration, ResponseFailed


def keep(path: Path, data: bytes) -> None:
    """Under a name that is free, for its owner alone. What stands there already is left if it is the same."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() == data:
            settle([path.parent])  # whoever wrote it may have died before he came to it
            return
        try:
            _written(draft, data)
            os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        settle([path.parent])
    except FileExistsError:
        raise ResponseFailed("another file stands there", str(path), "a name that is free, or the same bytes") from None
    except OSError as problem:
        raise ResponseFailed(f"cannot be written: {problem.strerror}", str(path), "a folder with room") from None


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """In place of what was there, in one step."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _written(draft, data, mode)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        settle([path.parent])
    except OSError as problem:
        raise BadConfiguration(f"cannot be written: {problem.strerror}", str(path), "a folder with room") from None


def _written(path: Path, data: bytes, mode: int = 0o600) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
