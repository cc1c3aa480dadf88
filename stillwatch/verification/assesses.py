"""Who answers for an account at the door: what the service needs of whatever assesses sign-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from stillwatch.verification.assessment import Assessment

VERDICTS = ("banned", "cleared", "failed")  # of the provider's own systems, on an account


class Unreadable(ValueError):
    """A row that is no sign-up. `field` is the first that is missing or wrong."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


class Assesses(Protocol):
    """One at a time, in some two milliseconds: it is called between requests, not beside them."""

    def assess(self, row: dict[str, Any], now: float) -> Assessment:
        """A sign-up as the log has it (tables.LOG_SIGNUPS). Unreadable where it is none."""
        ...

    def learn(self, account_id: str, verdict: str, at: float) -> None:
        """One of VERDICTS on an account, at an instant in seconds since 1970. The same twice is the same."""
        ...

    def raised(self, now: float) -> Sequence[Assessment]:
        """Earlier sign-ups of which a step is asked since, by what later ones told; each again after a stop until `asked`."""
        ...

    def asked(self, account_id: str, now: float) -> None:
        """One that was raised is dealt with."""
        ...
