"""Values that two sign-ups may share, and how much sharing one says: as for links between accounts (links/tie.py).

Bits of a value that d of N sign-ups hold: log2( m / (u + d/N) ), Fellegi, Sunter 1969 with a value's own frequency. What is
one person's (a card, a device, a number) no two strangers hold by chance, however many a farm has given it to: log2( m / u ).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log2

from stillwatch.verification.signup import Signup


@dataclass(frozen=True)
class Kind:
    """One kind of value."""

    kind: str
    family: str  # of config.Links, whose limit holds for a pair
    value: Callable[[Signup], str]
    operators: float  # m: chance that two sign-ups of one operator share a value
    customers: float  # u: chance that two customers do for an ordinary reason that rarity does not show
    crowd: int  # sign-ups that may share a value before it means nothing
    shares: str  # what several have in common
    phrase: str
    innocent: str

    def bits(self, holders: int, everybody: int) -> float:
        """Of a value with so many holders among everybody."""
        by_chance = 0.0 if self.family == "identity" else holders / max(everybody, 1)
        return max(0.0, log2(self.operators / (self.customers + by_chance)))


ALL: tuple[Kind, ...] = (
    Kind(
        "payment", "identity", lambda one: one.payment,
        operators=0.3,  # cards are bought in batches and used for several accounts each
        customers=0.0005,  # families and small firms
        crowd=200,  # more is a company's or a reseller's card
        shares="the same card or bank account",
        phrase="pays with the card or bank account of {others:,} other sign-ups",
        innocent="a family, or a company that pays for its staff",
    ),
    Kind(
        "device", "identity", lambda one: "" if one.network == "education" else one.device,
        operators=0.2,  # emulators that were not reset
        customers=0.0005,  # families; machines of a laboratory are left out
        crowd=200,
        shares="the same device",
        phrase="signed up on the device of {others:,} other sign-ups",
        innocent="a family's computer, or a machine that many use",
    ),
    Kind(
        "phone", "identity", lambda one: one.phone,
        operators=0.2,  # one number for several accounts, as long as the provider lets them
        customers=0.0005,  # families and small offices
        crowd=100,
        shares="the same telephone number",
        phrase="gave the telephone number of {others:,} other sign-ups",
        innocent="a family or an office with one number",
    ),
    Kind(
        "mailbox", "identity", lambda one: one.mailbox,
        operators=0.1,  # one mailbox under many spellings
        customers=0.0002,  # people who open a second account
        crowd=100,
        shares="the same mailbox",
        phrase="gave a mail address that arrives in the mailbox of {others:,} other sign-ups",
        innocent="somebody who opens an account for work and one for home",
    ),
    Kind(
        "phone_block", "registration", lambda one: one.phone_block,
        operators=0.2,  # sellers of numbers have them in blocks
        customers=0.001,  # staff of a firm with numbers in a row
        crowd=100,
        shares="a number of the same thousand",
        phrase="gave a number of the same thousand as {others:,} other sign-ups",
        innocent="staff of a firm whose numbers stand in a row",
    ),
    Kind(
        "address", "network", lambda one: one.address,
        operators=0.1,  # proxies are shared, as far as they have to be
        customers=0.002,  # households, offices, carriers' shared addresses
        crowd=60,
        shares="the same address",
        phrase="came from the address of {others:,} other sign-ups",
        innocent="a household, an office, or phones behind one address of their carrier",
    ),
    Kind(
        "prefix", "network", lambda one: one.prefix,
        operators=0.15,
        customers=0.005,
        crowd=100,
        shares="the same network",
        phrase="came from the network of {others:,} other sign-ups",
        innocent="neighbours, colleagues, or customers of one small carrier",
    ),
)  # fmt: skip
