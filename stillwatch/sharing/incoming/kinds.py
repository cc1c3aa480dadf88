"""Kinds of value that an indicator may tell of here, spelled in one way, and for how long a value of each can be somebody's."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

# Days for which a value of the kind is worth a look at most, whatever its source says: what changes hands sooner says less.
LIFETIMES = {
    "ipv4-addr": 30.0,  # proxies are handed on within days, homes within weeks
    "ipv6-addr": 30.0,
    "domain-name": 365.0,  # registered by the year
    "email-addr": 365.0,
    "payment": 365.0,  # cards live for years; who was robbed of one gets another
    "device": 365.0,
    "phone": 180.0,  # numbers are given to somebody else after some months
    "tls": 180.0,  # clients are updated
    "header": 180.0,
    "client": 180.0,
    "client_build": 180.0,
    "email_pattern": 365.0,
    "template": 180.0,  # operators reword, and then it is another one
}
_ADDRESSES = ("ipv4-addr", "ipv6-addr")
_LOWER = ("domain-name", "email-addr")
_NOBODYS = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
_LONGEST = 4_000  # characters of a value: no kind has longer ones


def spelled(kind: str, value: str) -> str:
    """The value in its one way of writing; empty where it is none of its kind, or nobody's in particular."""
    value = value.strip()
    if len(value) > _LONGEST:
        return ""
    if kind in _ADDRESSES:
        return _address(value)
    if kind in _LOWER:
        return value.strip(".").lower()
    return value


def _address(value: str) -> str:
    try:
        found = ip_address(value)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if found.is_loopback or found.is_unspecified or found.is_multicast or found.is_link_local:
        return ""
    return "" if any(found.version == one.version and found in one for one in _NOBODYS) else str(found)
