"""Settings of what is told to other providers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sharing:
    """What may leave of a campaign, and for how long it holds (sharing-stix.md)."""

    producer: str = "A provider of an LLM API"  # name that partners read; change it, or stay unnamed
    min_customers: int = 5  # of a campaign who show a value, before it leaves: of fewer, it is a family or one office
    purity: float = 0.95  # share of those who show a value that are campaigns' own: of twenty met, one is somebody else
    lifetime_days: float = 90.0  # from when a value was last seen: clients are updated and domains dropped in a season
    skeleton_characters: int = 600  # of a prompt's shared words: two paragraphs tell a template; more may hold content
    most_objects: int = 50_000  # in one bundle: 24,000 accounts fit; TAXII servers and platforms choke on far more
