"""A file of a source, read within its bounds, and the digest that says later which it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stillwatch.sharing.incoming.signed import Signature
from stillwatch.sharing.incoming.sources import Source
from stillwatch.sharing.stix.limits import LIMITS
from stillwatch.sharing.stix.reading import Read, objects, within


@dataclass(frozen=True)
class Received:
    """What was read."""

    data: bytes
    read: Read
    signed_by: tuple[str, ...]  # ids of keys; empty when unsigned


def digest(data: bytes) -> str:
    """SHA-256 of what was received, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(file: Path, source: Source, signature: Signature, now: float) -> Received:
    """All of a file of a source; what is wrong with it as a whole is an error. Signatures before contents."""
    data = within(file)
    # Of a larger one only a part was read, which no signature is of: it is refused for its size.
    signed = signature.of(digest(data), str(file), source, now) if len(data) <= LIMITS.bytes else ()
    return Received(data, objects(data), signed)
