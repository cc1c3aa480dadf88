"""How large what others send may be, each bound well above what a campaign of 24,000 accounts takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of a document and of each object in it."""

    bytes: int = 32 * 1024 * 1024  # of a document: 24,000 accounts with a relationship each take some 20 MB
    depth: int = 24  # of lists and objects in each other: STIX needs seven
    values: int = 2_000_000  # of a document: bounds what parsing it takes to some 500 MB, whatever it is made of
    objects: int = 100_000  # of a document
    characters: int = 65_536  # of a text: the longest are descriptions and patterns
    pattern: int = 65_536  # characters; as many as `readers.patterns` reads, whose import would cost a server 180 MiB
    name: int = 1_000  # characters of a name, and of any text that is shown on a line
    items: int = 100_000  # of a list, or keys of an object: a report may refer to all objects of its bundle
    rejected: int = 1_000  # objects of which it is told why; all are counted


LIMITS = Limits()
