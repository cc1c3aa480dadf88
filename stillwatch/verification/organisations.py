"""Whose colleagues sign-ups say they are: many of one organisation are one party, not many strangers."""

from __future__ import annotations

from typing import Protocol

from stillwatch.verification.signup import Signup

YOUNG_DAYS = 90.0  # of a mail domain: an organisation's is older, one bought for a farm rarely


class Hosts(Protocol):
    """What is asked of the lists (lists.py)."""

    def disposable(self, domain: str) -> bool: ...

    def public(self, domain: str) -> bool:
        """Whether anybody gets an address there: a big mail host, or a relay."""
        ...


def organisation(one: Signup, hosts: Hosts) -> str:
    """The mail domain that the sign-up's organisation has for itself; empty where it says nothing of one."""
    domain = one.email_domain
    if not domain or hosts.public(domain) or hosts.disposable(domain):
        return ""
    if one.email_domain_age_days is not None and one.email_domain_age_days < YOUNG_DAYS:
        return ""
    return domain


def party(one: Signup, hosts: Hosts) -> str:
    """Who answers for a sign-up: its organisation, else itself."""
    return organisation(one, hosts) or one.account_id
