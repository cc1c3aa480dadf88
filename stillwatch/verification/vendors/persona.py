"""Persona: events of inquiries.

Sources: docs.withpersona.com/webhooks (the event), /webhook-best-practices (Persona-Signature, two while a secret is
replaced), /api-reference/webhooks/inquiry-events (names).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.verification.outcome import Outcome
from stillwatch.verification.vendors import signed
from stillwatch.verification.vendors.vendor import Forged, NotUnderstood, Secret

_STATES = {
    "inquiry.created": "started",
    "inquiry.started": "started",
    "inquiry.marked-for-review": "pending",
    "inquiry.approved": "passed",
    "inquiry.declined": "failed",
    "inquiry.failed": "failed",
    "inquiry.expired": "expired",
}


@dataclass(frozen=True)
class Persona:
    """`Persona-Signature: t=SECONDS,v1=HEX`, an HMAC-SHA256 of `SECONDS.BODY`; two such pairs with a space between.

    An inquiry that is completed waits for a decision, unless the provider has set up none at Persona and says so:
    then `completed` is "passed".
    """

    name: str = "persona"
    completed: str = "pending"

    def read(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: float) -> list[Outcome]:
        """News of identity steps. Events of single verifications, tags and redaction are none."""
        signed.fresh(_signed_at(signed.header(headers, "persona-signature"), signed.bounded(body), secrets, now), now)
        event = signed.part(signed.document(body), "data")
        told = signed.part(event, "attributes")
        kind = signed.needed(told.get("name"), "data.attributes.name")
        if event.get("type") != "event":
            raise NotUnderstood("the body is not an event")
        state = self.completed if kind == "inquiry.completed" else _STATES.get(kind)
        if state is None:
            return []
        inquiry = signed.part(told, "payload", "data")
        if inquiry.get("type") != "inquiry":
            raise NotUnderstood("the payload is not an inquiry")
        return [
            Outcome(
                self.name,
                signed.needed(event.get("id"), "data.id"),
                signed.at(told.get("created-at"), now),
                signed.text(signed.part(inquiry, "attributes").get("reference-id")),
                "identity",
                state,
                signed.needed(inquiry.get("id"), "payload.data.id"),
                kind.removeprefix("inquiry.") if state == "failed" else "",
            )
        ]


def _signed_at(given: str, body: bytes, secrets: Sequence[Secret], now: float) -> int:
    """Time of the pair that is ours; of two, the later one."""
    ours = []
    for pair in given.split(" "):
        told = dict(one.partition("=")[::2] for one in pair.split(","))
        at = told.get("t", "")
        made = [signed.digest(key, at.encode("utf-8", "surrogatepass") + b"." + body) for key in signed.keys(secrets)]
        if signed.any_same(made, [told.get("v1", "")]):
            ours.append(signed.seconds(at))
    if not ours:
        raise Forged("no signature of Persona-Signature is ours")
    return max(ours)
