"""Indicators that others shared, held against the address of a client and its TLS fingerprint: a hint, never enough alone.

Only values in the open can be compared on a request's way; those that are keyed hashes are matched by scan and watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

import pyarrow as pa
import pyarrow.compute as pc

_ADDRESSES = ("ipv4-addr", "ipv6-addr")
_KINDS = (*_ADDRESSES, "tls")
_UNNAMED = "unnamed"  # actor of an indicator that names none


@dataclass(frozen=True)
class Indicators:
    """Actors, by what fits them."""

    actors: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, indicators: pa.Table | None, now: datetime) -> Indicators:
        """Those of LOG_INDICATORS that hold now."""
        if indicators is None:
            return cls({})
        begun = pc.fill_null(pc.less_equal(indicators["valid_from"], pa.scalar(now)), True)
        going = pc.fill_null(pc.greater(indicators["valid_until"], pa.scalar(now)), True)
        found: dict[str, set[str]] = {}
        for row in indicators.filter(pc.and_(begun, going)).select(["type", "value", "actor"]).to_pylist():
            if row["type"] in _KINDS:
                value = _written(row["value"]) if row["type"] in _ADDRESSES else row["value"]
                found.setdefault(value, set()).add(row["actor"] or _UNNAMED)
        return cls({value: tuple(sorted(actors)) for value, actors in found.items()})

    def of_client(self, address: str, tls: str) -> list[str]:
        """Actors that this client fits."""
        if not self.actors:
            return []
        return sorted({actor for value in (_written(address), tls) for actor in self.actors.get(value, ())})


def _written(address: str) -> str:
    """An address in the one way of writing it; anything else as it is."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address
