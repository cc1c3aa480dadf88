"""Stripe Identity: events of VerificationSessions, signed as all of Stripe's webhooks are.

Sources: docs.stripe.com/webhooks (signatures), docs.stripe.com/api/identity/verification_sessions (objects),
docs.stripe.com/identity/how-sessions-work (states).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.verification.outcome import Outcome
from stillwatch.verification.vendors import signed
from stillwatch.verification.vendors.vendor import Forged, NotUnderstood, Secret

CASE = "stillwatch_case"  # of the session's metadata, for providers that use client_reference_id otherwise
_OF_SESSIONS = "identity.verification_session"
_STATES = {
    "created": "started",
    "processing": "pending",
    "verified": "passed",
    "requires_input": "failed",  # of this attempt: the same session may be tried again, and pass
    "canceled": "canceled",
}


@dataclass(frozen=True)
class StripeIdentity:
    """`Stripe-Signature: t=SECONDS,v1=HEX`, an HMAC-SHA256 of `SECONDS.BODY`; several v1 while a secret is replaced."""

    name: str = "stripe_identity"

    def read(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: float) -> list[Outcome]:
        """News of identity steps. What Stripe sends of payments, and that a session was redacted, is none."""
        signed.fresh(_signed_at(signed.header(headers, "stripe-signature"), signed.bounded(body), secrets), now)
        event = signed.document(body)
        kind = signed.needed(event.get("type"), "type")
        if event.get("object") != "event":
            raise NotUnderstood("the body is not an event")
        of, _, happened = kind.rpartition(".")
        if of != _OF_SESSIONS or happened not in _STATES:
            return []
        session = signed.part(event, "data", "object")
        if session.get("object") != _OF_SESSIONS:
            raise NotUnderstood("data.object is not a verification session")
        error, metadata = session.get("last_error"), session.get("metadata")
        case = metadata.get(CASE) if isinstance(metadata, dict) else None
        state = _STATES[happened]
        return [
            Outcome(
                self.name,
                signed.needed(event.get("id"), "id"),
                signed.at(event.get("created"), now),
                signed.text(case or session.get("client_reference_id")),
                "identity",
                state,
                signed.needed(session.get("id"), "data.object.id"),
                signed.text(error.get("code")) if state == "failed" and isinstance(error, dict) else "",
            )
        ]


def _signed_at(given: str, body: bytes, secrets: Sequence[Secret]) -> int:
    pairs = [(name.strip(), value) for name, _, value in (one.partition("=") for one in given.split(","))]
    times = [value for name, value in pairs if name == "t"]
    if len(times) != 1:
        raise Forged("Stripe-Signature has no time, or several")
    at = signed.seconds(times[0])
    made = [signed.digest(key, times[0].encode() + b"." + body) for key in signed.keys(secrets)]
    if not signed.any_same(made, [value for name, value in pairs if name == "v1"]):
        raise Forged("no signature of Stripe-Signature is ours")
    return at
