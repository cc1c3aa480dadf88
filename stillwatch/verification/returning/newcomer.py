"""A newcomer as it is judged: what it signed up with, and the first that it sent, up to a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.verification.signup import Signup


@dataclass(frozen=True, slots=True)
class Sent:
    """One exchange, without its text. Empty where nothing was told."""

    at: float  # seconds since 1970
    address: str = ""  # pseudonym
    build: str = ""  # TLS fingerprint, order of headers and version of the client, as links/client_build.py has it
    campaign: str = ""  # whose own template its prompt is made from, by the last look


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`at` is the moment of judgement, seconds since 1970; what was sent later is not looked at."""

    signup: Signup
    at: float
    sent: tuple[Sent, ...] = ()

    @property
    def seen(self) -> tuple[Sent, ...]:
        """What it had sent by the moment, in order of time."""
        return tuple(sorted((one for one in self.sent if one.at <= self.at), key=lambda one: one.at))

    @property
    def began(self) -> float:
        """Its first exchange, or its sign-up as long as it has sent nothing; seconds since 1970."""
        return min((one.at for one in self.sent if one.at <= self.at), default=self.signup.at)


def signup_values(signup: Signup) -> list[tuple[str, str]]:
    """(kind, value) of what it registered with, as far as it was told; kinds are those of kinds.py."""
    pattern = f"{signup.email_shape}@{signup.email_domain}" if signup.email_shape and signup.email_domain else ""
    told = (
        ("payment", signup.payment),
        ("device", signup.device),
        ("phone", signup.phone),
        ("mail_pattern", pattern),
        ("address", signup.address),
        ("prefix", signup.prefix),
    )
    return [(kind, value) for kind, value in told if value]


def values(signup: Signup, sent: Sequence[Sent]) -> list[tuple[str, str]]:
    """The same, with what it showed in its exchanges; each once."""
    met = [(kind, value) for one in sent for kind, value in (("address", one.address), ("build", one.build))]
    return list(dict.fromkeys([*signup_values(signup), *(pair for pair in met if pair[1])]))
