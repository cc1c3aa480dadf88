"""Values that look as if they named a person. The exporter lets none through; this looks again, at whatever is handed in.

It finds forms, not persons: an address of a mailbox, a telephone number, a card, a key, a long text without slots.
A contact of the organisation that tells is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LONGEST_TEXT = 20_000  # characters: what is longer is no sentence of ours and no skeleton
_CONTACTS = ("contact_information", "contact")  # of the identity that tells
_MAIL = re.compile(r"[^\s@<>\"'()\[\],;:=/]{1,64}@[^\s@<>\"'()\[\],;:=/]+\.[^\W\d_]{2,}")
_SHAPE = re.compile(r"(?:[wd]\d{1,2}[._+-]*)+")  # of a form of address, `w4.w3d2@…` (registered.py), which is nobody's
_PHONE = re.compile(r"(?<![\w.+])\+\d(?:[ ().-]{0,2}\d){7,14}(?![\w.])")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])")
_KEY = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|ghp_\w{20,}|AIza[\w-]{30,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,})"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_HASH = re.compile(r"[0-9a-fA-F]{32,128}")


def found(objects: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """(place, what it looks like) of every one; never the value itself."""
    for number, one in enumerate(objects):
        for place, text in _texts(one, f"objects[{number}]"):
            if what := looks_like(text):
                yield place, what


def looks_like(text: str) -> str:
    """What a text seems to hold; empty for nothing."""
    if _HASH.fullmatch(text):
        return ""
    if any(not _SHAPE.fullmatch(one.group().partition("@")[0]) for one in _MAIL.finditer(text)):
        return "an address of a mailbox"
    if _PHONE.search(text):
        return "a telephone number"
    if any(_luhn(one.group()) for one in _CARD.finditer(text)):
        return "the number of a card"
    if any(_of_a_bank(one.group()) for one in _IBAN.finditer(text)):
        return "the number of a bank account"
    if _KEY.search(text):
        return "a key or a token"
    return f"a text of more than {LONGEST_TEXT:,} characters" if len(text) > LONGEST_TEXT else ""


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{place}[{number}]")
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if not (name in _CONTACTS and value.get("type") == "identity"):
                yield f"{place}.{_named(name)}", name
                yield from _texts(one, f"{place}.{_named(name)}")


def _named(name: str) -> str:
    return name if re.fullmatch(r"\w{1,60}", name) else "…"  # a name may be what must not be shown


def _luhn(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()][::-1]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[1::2]]
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _of_a_bank(text: str) -> bool:
    text = text.replace(" ", "")
    return 15 <= len(text) <= 34 and int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1
