"""What an attribute of MISP says that a log can be compared with: kinds and values; and the pattern that says the same."""

from __future__ import annotations

import ipaddress
import re

_ADDRESSES = ("ip-src", "ip-dst", "ip-src|port", "ip-dst|port")
_DOMAINS = ("domain", "hostname", "hostname|port")
_MAILS = ("email", "email-src", "email-dst", "email-reply-to")
_JA4 = ("ja4", "ja4-fingerprint")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])", re.UNICODE)
_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{3,255}")
_PATHS = {  # of kinds that STIX has an object for
    "domain-name": "domain-name:value", "ipv4-addr": "ipv4-addr:value", "ipv6-addr": "ipv6-addr:value",
    "email-addr": "email-addr:value", "url": "url:value",
}  # fmt: skip
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,60}")


class NothingToCompare(Exception):
    """Why an attribute says nothing that a log could show."""


def of(kind: str, relation: str, value: str) -> list[tuple[str, str]]:
    """(kind, value) of an attribute of that type and, in an object, that relation."""
    value = value.replace("[.]", ".").strip()
    if kind in _ADDRESSES:
        return [_address(value.partition("|")[0])]
    if kind in _DOMAINS:
        return [_domain(value.partition("|")[0])]
    if kind == "domain|ip":
        name, _, address = value.partition("|")
        return [_domain(name), _address(address)]
    if kind in _MAILS:
        if not _MAIL.fullmatch(value):
            raise NothingToCompare("not an address of a mailbox")
        return [("email-addr", value.lower())]
    if kind == "AS":
        number = value.upper().removeprefix("AS").strip()
        if not (number.isascii() and number.isdigit()) or int(number) >= 2**32:
            raise NothingToCompare("not the number of a network")
        return [("autonomous-system", str(int(number)))]
    if kind == "phone-number":
        return [("phone", value)]
    if relation in _JA4 or kind in _JA4:
        return [("tls", value)]
    if kind == "stix2-pattern":
        return [("pattern", value)]
    raise NothingToCompare(f"of type {kind[:40]}, which no log shows")


def pattern(kind: str, value: str) -> str:
    """In STIX: one comparison for equality."""
    if kind == "pattern":
        return value
    if kind == "autonomous-system":
        return f"[autonomous-system:number = {value}]"
    if not _KIND.fullmatch(kind):
        raise NothingToCompare("of a kind that is no name")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"[{_PATHS.get(kind, f'x-stillwatch:{kind}')} = '{escaped}']"


def together(patterns: list[str]) -> str:
    """Of several, any."""
    if len(patterns) == 1:
        return patterns[0]
    return f"[{' OR '.join(one.removeprefix('[').removesuffix(']') for one in patterns)}]"


def _address(text: str) -> tuple[str, str]:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise NothingToCompare("not one network address") from None
    return f"ipv{address.version}-addr", str(address)


def _domain(text: str) -> tuple[str, str]:
    name = text.strip().rstrip(".").lower()
    if not _DOMAIN.fullmatch(name):
        raise NothingToCompare("not a domain")
    return "domain-name", name
