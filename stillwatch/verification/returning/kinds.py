"""Values by which an account can resemble closed ones, and how often three sorts of newcomer share them.

`same_operator` and `unrelated` are those of ties between accounts (links/tie.py). `neighbours` is the chance that somebody who
lives, works or studies with the owner of a closed account shares the value: for whom a tie between two strangers has no word.
"""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.links.client_build import client_build
from stillwatch.links.email_pattern import email_pattern
from stillwatch.links.shared_address import shared_address
from stillwatch.links.shared_device import shared_device
from stillwatch.links.shared_payment import shared_payment
from stillwatch.links.shared_phone import shared_phone


@dataclass(frozen=True)
class Kind:
    """One kind of value."""

    name: str
    family: str  # identity, network, registration or product; its limit is in config.Returns
    same_operator: float  # chance that an operator's new account shares it with his old ones, 0..1
    unrelated: float  # chance that strangers do for a reason that rarity does not show
    neighbours: float  # chance that neighbours do
    crowd: int  # accounts that may hold one before it means nothing
    phrase: str  # what the newcomer does, before "that …": "pays with a card or bank account"
    innocent: str  # who shows it too


KINDS: tuple[Kind, ...] = (
    Kind(
        "payment", "identity", shared_payment.same_operator, shared_payment.unrelated,
        0.4,  # of households and teams, about those that share a card
        shared_payment.crowd, "pays with a card or bank account", shared_payment.innocent,
    ),
    Kind(
        "device", "identity", shared_device.same_operator, shared_device.unrelated,
        0.15,  # a family computer, a machine in a computer room
        shared_device.crowd, "registered on a device", shared_device.innocent,
    ),
    Kind(
        "phone", "identity", shared_phone.same_operator, shared_phone.unrelated,
        0.1,  # an office's number
        shared_phone.crowd, "registered with a telephone number", shared_phone.innocent,
    ),
    Kind(
        "mail_pattern", "registration", email_pattern.same_operator, email_pattern.unrelated,
        0.1,  # colleagues, who all are first.last at one domain
        email_pattern.crowd, "has a mail address of a pattern and domain", email_pattern.innocent,
    ),
    Kind(
        "address", "network", shared_address.same_operator, shared_address.unrelated,
        0.8,  # under one roof most is sent from one line
        shared_address.crowd, "came from an address", shared_address.innocent,
    ),
    Kind(
        "prefix", "network", shared_address.same_operator,
        0.05,  # a /24 is a street or a hosting range: 250 lines
        0.9, 150, "signed up from a network (/24)", "anybody in the same street or at the same host",
    ),
    Kind(
        "build", "product", client_build.same_operator, client_build.unrelated,
        0.05,  # who lives together does not use the same rare client for it
        client_build.crowd, "shows a client build", client_build.innocent,
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in KINDS}
