"""What a vendor of identity checks is to us: a name, and how its webhooks are read. No vendor's word is taken unsigned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from stillwatch.verification.outcome import Outcome

TOLERANCE = 300  # seconds between signing and reading: what Stripe, Persona and Standard Webhooks recommend
MOST_BYTES = 1 << 20  # of a body; vendors send some kilobytes, and what is larger is not hashed

Secret = bytes | str  # text as the vendor shows it, or the bytes of the key


class Refused(Exception):
    """A webhook of which nothing is taken. Its text names the reason, never a secret or a body."""


class Forged(Refused):
    """No signature, or none that a secret of ours makes: whoever sent it is not known."""


class Stale(Refused):
    """Signed with a secret of ours, but not now: sent again by somebody, or a clock is wrong."""


class NotUnderstood(Refused):
    """Signed and fresh, but not in the form that the vendor documents."""


class Vendor(Protocol):
    """One vendor. `read` is pure, and raises Forged, Stale and NotUnderstood, nothing else, whatever it is given."""

    @property
    def name(self) -> str: ...

    def read(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: float) -> list[Outcome]:
        """News of steps, none when the event is of something else.

        `body` as it came, byte for byte; `now` in seconds since 1970. Any of `secrets` will do: two while one is replaced.
        """
        ...
