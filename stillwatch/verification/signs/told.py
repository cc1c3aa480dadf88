"""Sign in what others told: a card, device, number, mailbox or mail domain that a partner found in a campaign of its own.

Its weight was not fitted: made sign-ups have no partners, so it keeps half of what is stated (likelihood.py), 1.7 bits,
however many partners tell of how many values. Of a sign-up of which nothing else is known that asks for no step: half a bit
more would. What a partner is worth was weighed before (docs/sharing-incoming.md): only what is at least as likely right as
wrong is looked at.

Innocent when: the partner is mistaken or means harm, or the value was handed on: numbers are given to somebody else after some
months, cards are stolen and their owners stay customers. Not looked for where no partner told of anything.
"""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup


def _told(signup: Signup, lists: Lists) -> bool | None:
    return lists.told_of(signup) is not None if lists.partners else None


def _said(signup: Signup, lists: Lists) -> str:
    told = lists.told_of(signup)
    return told.said if told else ""


ALL = (
    Sign(
        "told_by_partner",
        "told",
        _told,
        operators=0.05,  # operators that are at two providers with the same means, and were found at the other
        customers=0.005,  # values that were handed on, customers who were robbed, partners who are mistaken
        phrase="the card, device, number or mail address was told of by a partner",
        innocent="somebody whose card was stolen, who got the value after another, or of whom the partner is mistaken",
        says=_said,
    ),
)
