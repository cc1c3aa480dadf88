"""Whose colleagues sign-ups say they are: many of one organisation are one party, not many strangers."""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signup import Signup

FOR_RENT = frozenset({"hosting", "vpn", "tor", "proxy", "residential", "relay"})  # networks that hide whose line it is
YOUNG_DAYS = 90.0  # of a mail domain: an organisation's is older, one bought for a farm rarely


def organisation(one: Signup, lists: Lists) -> str:
    """The mail domain that the sign-up's organisation has for itself; empty where it says nothing of one."""
    told = lists.mail(one.email_domain)
    anybody = told.free or told.relay or told.disposable or told.open_suffix
    if not one.email_domain or anybody:
        return ""
    if one.email_domain_age_days is not None and one.email_domain_age_days < YOUNG_DAYS:
        return ""
    return one.email_domain


def party(one: Signup, lists: Lists) -> str:
    """Who answers for a sign-up: its organisation, else the home it came from, else itself.

    A home is a line of a network that is not for rent: those who share a card and a home are a family.
    """
    home = "" if one.network in FOR_RENT or not one.prefix else f"home {one.prefix}"
    return organisation(one, lists) or home or one.account_id
