"""Ranges of addresses: whether an address is in one of them, found by bisection in about a microsecond."""

from __future__ import annotations

import ipaddress
import socket
from array import array
from bisect import bisect_right
from collections.abc import Iterable, MutableSequence

_MAPPED = b"\0" * 10 + b"\xff\xff"  # how ::ffff:192.0.2.1 begins: there the IPv4 address is what counts

Span = tuple[int, int, int]  # version 4 or 6, number of the first address, number of the last


def number(address: str) -> tuple[int, int]:
    """Version (4 or 6) and number of an address; (0, 0) when it is none."""
    try:
        return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big")
    except (OSError, ValueError):
        pass
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return 0, 0
    if packed.startswith(_MAPPED):
        return 4, int.from_bytes(packed[len(_MAPPED) :], "big")
    return 6, int.from_bytes(packed, "big")


def span(text: str) -> Span:
    """The addresses that a line of a list means: one address, a CIDR, or two with a - between. ValueError otherwise."""
    first, dash, last = (part.strip() for part in text.partition("-"))
    if dash:
        version, low = number(first)
        other, high = number(last)
        if not version or version != other or high < low:
            raise ValueError(f"{text!r} is no range of addresses")
        return version, low, high
    network = ipaddress.ip_network(first, strict=False)
    return network.version, int(network.network_address), int(network.broadcast_address)


class Ranges:
    """A set of addresses, those of IPv4 and IPv6 apart. Ranges that overlap or touch are one."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        given = list(spans)
        self._four = _merged(((low, high) for version, low, high in given if version == 4), array("Q"), array("Q"))
        self._six = _merged(((low, high) for version, low, high in given if version == 6), [], [])

    def __contains__(self, place: tuple[int, int]) -> bool:
        """Of a version and a number, as `number` gives them."""
        version, value = place
        firsts, lasts = self._six if version == 6 else self._four
        found = bisect_right(firsts, value) - 1 if version else -1
        return found >= 0 and value <= lasts[found]

    def __len__(self) -> int:
        return len(self._four[0]) + len(self._six[0])


def _merged(
    spans: Iterable[tuple[int, int]], firsts: MutableSequence[int], lasts: MutableSequence[int]
) -> tuple[MutableSequence[int], MutableSequence[int]]:
    for low, high in sorted(spans):
        if lasts and low <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], high)
        else:
            firsts.append(low)
            lasts.append(high)
    return firsts, lasts
