"""Sets of mail domains, and whether a domain is one of them or stands below one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stillwatch.mailboxes import spelling


def parents(domain: str) -> Iterator[str]:
    """The domain, and each one above it: a.b.edu, b.edu, edu."""
    yield domain
    while (dot := domain.find(".")) >= 0:
        domain = domain[dot + 1 :]
        yield domain


def listed_above(domain: str, listed: frozenset[str]) -> str:
    """The listed domain that this one is, or stands below; empty when there is none."""
    return next((one for one in parents(domain) if one in listed), "")


def cleaned(domains: Iterable[str]) -> frozenset[str]:
    """Domains in one spelling, as the reader of sign-ups writes them."""
    return frozenset(spelled for one in domains if (spelled := spelling(one)))
