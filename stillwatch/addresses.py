"""Addresses in one spelling, the networks around them, and the pseudonyms of both."""

from __future__ import annotations

import socket

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.pseudonyms import ADDRESS, PREFIX, Pseudonyms

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"^{_OCTET}(?:\.{_OCTET}){{3}}$"
_LAST_OCTET = r"\.[0-9]+$"
_SITE_BYTES = 6  # /48, what one site is given in IPv6; in IPv4 the /24 is what one can rely on
_MAPPED = b"\0" * 10 + b"\xff\xff"  # how ::ffff:192.0.2.1 begins: there the IPv4 address is what counts


def address_tokens(values: pa.Array, keys: Pseudonyms) -> tuple[pa.Array, pa.Array]:
    """Tokens of addresses and of the networks around them; a value that is no address has no network."""
    coded = values.dictionary_encode()
    spelled, networks = addresses_and_networks(coded.dictionary)
    tokens, prefixes = keys.tokens_of_different(ADDRESS, spelled), keys.tokens(PREFIX, networks)
    return tokens.take(coded.indices), prefixes.take(coded.indices)


def addresses_and_networks(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Addresses in their one spelling, and the network each is in, null where the value is no address."""
    plain = pc.match_substring_regex(values, _IPV4)
    networks = pc.if_else(plain, pc.replace_substring_regex(values, _LAST_OCTET, ".0/24"), pa.scalar(None, pa.string()))
    if pc.all(plain).as_py() is not False:
        return values, networks
    others = pc.invert(pc.fill_null(plain, True))
    pairs = [address_and_network(value) for value in values.filter(others).to_pylist()]
    return (
        pc.replace_with_mask(values, others, pa.array([one[0] for one in pairs], pa.string())),
        pc.replace_with_mask(networks, others, pa.array([one[1] for one in pairs], pa.string())),
    )


def address_and_network(value: str) -> tuple[str, str | None]:
    """The same for one value, of any form. The socket calls are ten times as fast as the module ipaddress."""
    value = value.strip()
    try:
        packed = socket.inet_pton(socket.AF_INET6, value.strip("[]").partition("%")[0])
    except (OSError, ValueError):
        try:
            packed = _MAPPED + socket.inet_pton(socket.AF_INET, value)
        except (OSError, ValueError):
            return value, None
    if packed.startswith(_MAPPED):
        inner = socket.inet_ntop(socket.AF_INET, packed[len(_MAPPED) :])
        return inner, inner[: inner.rindex(".")] + ".0/24"
    site = packed[:_SITE_BYTES].ljust(len(packed), b"\0")
    return socket.inet_ntop(socket.AF_INET6, packed), socket.inet_ntop(socket.AF_INET6, site) + "/48"
