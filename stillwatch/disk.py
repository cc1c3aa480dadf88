"""What is on the disk, and not only in the system's cache."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def settle(paths: Iterable[Path]) -> None:
    """See to it that these files are; of a folder, the names in it."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
