"""A file of a source, read within its bounds, and the digest that says later which it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stillwatch.sharing.stix.reading import Read, objects, within


@dataclass(frozen=True)
class Received:
    """What was read."""

    data: bytes
    read: Read


def digest(data: bytes) -> str:
    """SHA-256 of what was received, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(file: Path) -> Received:
    """All of a file; what is wrong with it as a whole is an error."""
    data = within(file)
    return Received(data, objects(data))
