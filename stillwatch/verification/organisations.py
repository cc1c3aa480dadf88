"""Whose colleagues sign-ups say they are: many of one organisation are one party, not many strangers."""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signup import Signup

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
    """Who answers for a sign-up: its organisation, else itself."""
    return organisation(one, lists) or one.account_id
