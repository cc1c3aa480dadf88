"""Signs in the payment: cards that are made for one purchase, and a card from where the customer is not.

Virtual and prepaid cards are named among the ways in by providers of LLM services: one account with an issuer gives
hundreds. Processors tell the funding of a card (credit, debit, prepaid); that it is virtual is told by some issuers only.

Innocent when: somebody uses a virtual card for safety, has no other card, or pays with a card of home while living abroad. A
card's country counts only where it differs from both the address's and the declared one, never by itself.
"""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup


def _virtual(signup: Signup, lists: Lists) -> bool | None:
    return signup.payment_funding == "virtual" if signup.payment_funding else None


def _prepaid(signup: Signup, lists: Lists) -> bool | None:
    return signup.payment_funding == "prepaid" if signup.payment_funding else None


def _elsewhere(signup: Signup, lists: Lists) -> bool | None:
    if not (signup.payment_country and signup.country and signup.declared_country):
        return None
    return signup.payment_country not in {signup.country, signup.declared_country}


ALL = (
    Sign(
        "virtual_card",
        "payment",
        _virtual,
        operators=0.4,  # a card a click, each with a number of its own
        customers=0.04,  # customers of banks whose every card is virtual, companies with a card for each subscription
        phrase="the card is virtual",
        innocent="somebody who pays each service with a card of its own, for safety or for the books",
    ),
    Sign(
        "prepaid_card",
        "payment",
        _prepaid,
        operators=0.3,  # bought without a name
        customers=0.05,  # people without a bank's card, students, gifts
        phrase="the card is prepaid",
        innocent="somebody who has no other card",
    ),
    Sign(
        "card_elsewhere",
        "payment",
        _elsewhere,
        operators=0.25,  # cards are bought or stolen wherever they are, and addresses rented elsewhere
        customers=0.02,  # people abroad, a company's card from its head office
        phrase="the card is of another country than the address and what was declared",
        innocent="somebody who lives abroad, or pays with the card of a head office",
    ),
)
