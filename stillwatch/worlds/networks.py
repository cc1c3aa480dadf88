"""Addresses: draws them by country and kind of network, and tells the network of an address."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.worlds import shipped
from stillwatch.worlds.dice import U64, mix

Addresses = npt.NDArray[np.uint32]
_OCTETS = pa.array([str(number) for number in range(256)])


@cache
def _blocks() -> list[tuple[int, int, int, str, str]]:
    """(first address, addresses, asn, country, kind), by first address."""
    found = []
    for network in shipped.read("networks.yaml"):
        for block in network["blocks"]:
            first, seconds = block.split(".")
            low, _, high = seconds.partition("-")
            start = (int(first) << 24) | (int(low) << 16)
            size = (int(high or low) - int(low) + 1) << 16
            found.append((start, size, network["asn"], network["country"], network["kind"]))
    return sorted(found)


@cache
def _fitting(kind: str, country: str | None) -> list[tuple[int, int, int, str, str]]:
    """Blocks of a kind in a country; where it has none, anywhere."""
    return [b for b in _blocks() if b[4] == kind and b[3] == country] or [b for b in _blocks() if b[4] == kind]


def addresses(rng: np.random.Generator, size: int, kind: str, country: str | None = None) -> Addresses:
    """Random addresses in networks of a kind; where a country has none, in any country's."""
    fitting = _fitting(kind, country)
    weights = np.sqrt([b[1] for b in fitting])  # large blocks are not that much fuller
    chosen = rng.choice(len(fitting), size, p=weights / weights.sum())
    starts, sizes = np.array([b[0] for b in fitting]), np.array([b[1] for b in fitting])
    drawn = starts[chosen] + (rng.random(size) * sizes[chosen]).astype(np.int64)
    hosts = 1 + rng.integers(0, 254, size)  # never a network's own or broadcast number
    return ((drawn & ~0xFF) | hosts).astype(np.uint32)


def residential(keys: U64, country: npt.NDArray[np.str_]) -> Addresses:
    """The line of a home that a key rents in a country: the same key has the same one, no two keys by more than chance."""
    out = np.zeros(len(keys), np.uint32)
    for name in np.unique(country):
        here = np.flatnonzero(country == name)
        fitting = _fitting("access", str(name))
        sizes = np.cumsum([b[1] for b in fitting])
        draw = (mix(keys[here], "line") % np.uint64(sizes[-1])).astype(np.int64)
        block = np.searchsorted(sizes, draw, side="right")
        first = np.array([b[0] for b in fitting]) - np.concatenate([[0], sizes[:-1]])
        hosts = 1 + (mix(keys[here], "host") % np.uint64(254)).astype(np.int64)
        out[here] = ((first[block] + draw) & ~0xFF) | hosts
    return out


def neighbours(rng: np.random.Generator, size: int, kind: str, country: str | None, networks: int) -> Addresses:
    """Addresses bunched in a few /24 networks, as a rented range or a campus has them."""
    prefixes = addresses(rng, networks, kind, country) & np.uint32(0xFFFFFF00)
    return (prefixes[rng.integers(0, networks, size)] | rng.integers(1, 255, size).astype(np.uint32)).astype(np.uint32)


def network_of(values: Addresses) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The ASN of each address, and the position of its country in `countries()`."""
    blocks = _blocks()
    starts = np.array([b[0] for b in blocks])
    place = np.searchsorted(starts, values.astype(np.int64), side="right") - 1
    where = np.array([countries().index(b[3]) for b in blocks])
    return np.array([b[2] for b in blocks], np.int32)[place], where[place]


@cache
def countries() -> list[str]:
    return sorted({b[3] for b in _blocks()})


def dotted(values: Addresses) -> pa.StringArray:
    """Addresses as text."""
    parts = [_OCTETS.take(pa.array((values >> shift) & 0xFF)) for shift in (24, 16, 8, 0)]
    return pc.binary_join_element_wise(*parts, ".")
