"""What the plan of telephone numbers says of one: its country, what kind of line it is, and its block of a thousand.

Plans are those of the library phonenumbers. A number written without its country is read in the country that the customer
declared, else in that of the address. A plan tells VoIP where a country keeps a range for it, and cannot tell it in North
America, where mobiles share their ranges with fixed lines too: there the kind stays unknown unless the provider looks it up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

_CACHED = 1 << 15  # numbers, or blocks of them, remembered
_BLOCK_DIGITS = 3  # the last ones: a thousand numbers side by side, as they are leased
_ANY = "0" * _BLOCK_DIGITS  # plans are by what numbers begin with: a block has one country and one kind
_LONGEST = 15  # digits of a number, country included (ITU-T E.164)
_SHORTEST = 7  # digits, country included: no plan has fewer for a subscriber
_NO_COUNTRY = "001"  # what the library calls numbers of no country, such as satellite telephones
_WRITTEN = re.compile(r"[\d\s()./+-]+")
_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "",
    PhoneNumberType.UNKNOWN: "",
}


class Phone(NamedTuple):
    """Of one number. Empty is what its plan does not tell."""

    country: str = ""
    kind: str = ""  # mobile, landline, voip, other
    block: str = ""  # digits with the country's code, without the last three


def phone(written: str, region: str) -> Phone:
    """Of a number as people write it; nothing of a pseudonym, or of a number that no plan can have."""
    if not _WRITTEN.fullmatch(written):
        return Phone()
    text = written.strip()
    digits = "".join(one for one in text if "0" <= one <= "9")
    if text.startswith("00"):
        digits = digits[2:]
    elif not text.startswith("+") and not (digits := _international(text, region)):
        return Phone()
    if not _SHORTEST <= len(digits) <= _LONGEST:
        return Phone()
    block = digits[:-_BLOCK_DIGITS]
    country, kind = _of(block + _ANY)
    return Phone(country, kind, block)


@lru_cache(maxsize=_CACHED)
def _international(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


@lru_cache(maxsize=_CACHED)
def _of(digits: str) -> tuple[str, str]:
    """Country and kind. The digits are split here: the library's parser takes three times as long, for other ways to write."""
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    length = next((length for length in (1, 2, 3) if int(digits[:length]) in codes), 0)
    if not length:
        return "", ""
    rest = digits[length:]
    zeros = len(rest) - len(rest.lstrip("0"))  # Italy's numbers begin with one, and it counts
    number = PhoneNumber(
        country_code=int(digits[:length]),
        national_number=int(rest),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    country = phonenumbers.region_code_for_number(number)
    if not country or country == _NO_COUNTRY:
        return "", ""
    return country, _KINDS.get(phonenumbers.number_type(number), "other")
