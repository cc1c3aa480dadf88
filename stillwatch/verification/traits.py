"""What many sign-ups have in common without being one hand's: how they pay, what they run, where their mail is.

None of them says anything by itself. Two that have nothing to do with each other, met in the same sign-ups far oftener than
chance brings them together, do: see cells.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from stillwatch.verification.signup import Signup


@dataclass(frozen=True)
class Trait:
    """One of them; of two of the same subject nothing is learned from their meeting."""

    name: str
    subject: str
    value: Callable[[Signup], str]
    phrase: str


def _both(first: str, second: str) -> str:
    return f"{first}|{second}" if first and second else first or second


def _paid_by(one: Signup) -> str:
    return _both(one.payment_issuer, one.payment_country)


ALL: tuple[Trait, ...] = (
    Trait("issuer", "payment", _paid_by, "a card of the same issuer"),
    Trait("client", "client", lambda one: _both(one.user_agent, one.tls), "the same client"),
    Trait("mail_host", "mail", lambda one: one.email_domain, "mail at the same host"),
    Trait("mail_shape", "mail", lambda one: one.email_shape, "mail names of the same form"),
    Trait("number", "phone", lambda one: _both(one.phone_country, one.phone_type), "numbers of the same country and kind"),
    Trait("system", "place", lambda one: "" if one.asn is None else str(one.asn), "addresses of the same network operator"),
    Trait("pathway", "pathway", lambda one: _both(one.pathway, one.plan), "the same pathway and plan"),
)  # fmt: skip


def stratum(one: Signup) -> str:
    """Among whom sign-ups are compared: people of one country and language share banks, mail hosts and carriers, and mean
    nothing by it. So where somebody comes from is what traits are compared within, and never a trait.
    """
    return f"{one.country}|{one.language.partition('-')[0]}"


PAIRS = tuple((a, b) for a, b in combinations(range(len(ALL)), 2) if ALL[a].subject != ALL[b].subject)


def values(one: Signup) -> tuple[str, ...]:
    """Each trait of a sign-up; empty where it was not told."""
    return tuple(trait.value(one) for trait in ALL)


def met(told: Sequence[str]) -> list[tuple[int, int, int]]:
    """Each two traits that a sign-up has: their places in `ALL`, and a key for the two values."""
    return [(a, b, hash((a, told[a], b, told[b]))) for a, b in PAIRS if told[a] and told[b]]
