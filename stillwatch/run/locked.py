"""One run a folder: a lock that the system takes back when the process ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillwatch.errors import BadConfiguration, StoreLocked


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock; another run that holds it, or a folder that cannot be written, is an error."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / ".lock").open("w")
    except OSError as problem:
        raise BadConfiguration(
            f"the result folder cannot be written: {problem}", str(folder), "a writable folder"
        ) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreLocked(
                "another run is writing here",
                str(folder),
                "one run a result folder",
                "wait for it, or give another --out",
            ) from None
        yield
