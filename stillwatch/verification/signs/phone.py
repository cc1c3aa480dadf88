"""Signs in the telephone number: a line that lives in a server, and a country that neither the card nor the address has.

Numbers for receiving codes are rented by the thousand: VoIP where that is accepted, else SIM cards wherever they are
cheapest, which is seldom where the cards and the addresses are from.

Innocent when: somebody uses a VoIP number for business, or moved and kept the number. One country that differs is a person
who moved; therefore the number's has to differ from both the card's and the address's, and no country counts by itself.
"""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup


def _voip(signup: Signup, lists: Lists) -> bool | None:
    return signup.phone_type == "voip" if signup.phone_type else None


def _elsewhere(signup: Signup, lists: Lists) -> bool | None:
    if not (signup.phone_country and signup.payment_country and signup.country):
        return None
    return signup.phone_country not in {signup.payment_country, signup.country, signup.declared_country}


ALL = (
    Sign(
        "voip_phone",
        "phone",
        _voip,
        operators=0.3,  # the cheapest numbers; services that refuse them push operators to SIM cards
        customers=0.03,  # business telephony, people who keep their number private
        phrase="the telephone number is a VoIP line",
        innocent="a business, or somebody who keeps the private number private",
    ),
    Sign(
        "phone_elsewhere",
        "phone",
        _elsewhere,
        operators=0.25,  # numbers are rented where they are cheapest
        customers=0.015,  # somebody who moved, kept the number, and travels
        phrase="the telephone number is of another country than the card, the address and what was declared",
        innocent="somebody who moved and kept the number",
    ),
)
