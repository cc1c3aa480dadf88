"""Steps of the ladder, and what came of one, whoever carried it out: the form in which vendors' webhooks are read."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = ("email", "phone", "payment", "identity", "organization")  # each costs an operator more than the one before
STATES = ("asked", "started", "pending", "passed", "failed", "expired", "canceled", "waived")


@dataclass(frozen=True, slots=True)
class Outcome:
    """News of one step of one case. The same `event_id` of the same vendor is the same news, however often it comes."""

    vendor: str  # stripe_identity, persona, oidc, …; "provider" for what the provider says itself
    event_id: str
    at: float  # seconds since 1970, as the vendor says: later news stands, in whatever order it comes
    case: str  # our reference, given to the vendor when the step was begun
    step: str  # of STEPS
    state: str  # of STATES
    session: str = ""  # the vendor's own reference
    reason: str = ""  # the vendor's code, such as document_expired
    facts: tuple[tuple[str, str], ...] = ()  # kind and value of what was shown, such as (organization, example.com)
