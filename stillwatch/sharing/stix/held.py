"""What stays, counted over all campaigns of an export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stillwatch.sharing.stix.exported import Withheld

ALL = 0  # of a kind, uncounted


@dataclass(frozen=True)
class Held:
    """So many of a kind, and why."""

    what: str
    many: int  # ALL where nobody counted
    why: str


def withheld(held: Iterable[Held]) -> tuple[Withheld, ...]:
    """The same kind for the same reason is one line, in the order in which it first came."""
    counted: dict[tuple[str, str], int] = {}
    for one in held:
        counted[one.what, one.why] = counted.get((one.what, one.why), 0) + one.many
    return tuple(Withheld(f"{what}: {f'{many:,}' if many else 'all'}", why) for (what, why), many in counted.items())
