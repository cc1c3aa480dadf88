"""What is believed now, of a store and its sources: what the commands and the rows are made from."""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.sharing.incoming.claims import Claims, claims
from stillwatch.sharing.incoming.effective import Believed, believed
from stillwatch.sharing.incoming.sent import sent
from stillwatch.sharing.incoming.sources import Sources
from stillwatch.sharing.incoming.store import Store


@dataclass(frozen=True)
class Look:
    """At one instant."""

    claims: Claims
    values: list[Believed]


def look(store: Store, sources: Sources, now: float) -> Look:
    """`now` in seconds since 1970."""
    found = claims(store.newest(), sources)
    return Look(found, believed(found, store.decisions(), sent(sources.shared), now))
