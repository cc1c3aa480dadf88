"""Onfido: what became of a Studio workflow run.

Sources: documentation.onfido.com/api/latest (webhooks, workflow runs), and the models and tests of
github.com/onfido/onfido-python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.verification.outcome import Outcome
from stillwatch.verification.vendors import signed
from stillwatch.verification.vendors.vendor import Forged, NotUnderstood, Secret

SENT_FOR = 604_800  # seconds; for how long it is sent again is not documented, and no time of sending is signed
_STATES = {
    "processing": "pending",
    "awaiting_input": "started",
    "review": "pending",
    "approved": "passed",
    "declined": "failed",
    "abandoned": "canceled",
    "error": "canceled",  # theirs, not the customer's: nothing was shown, and nothing failed
}


@dataclass(frozen=True)
class Onfido:
    """`X-SHA2-Signature: HEX`, an HMAC-SHA256 of the body.

    What is replayed within SENT_FOR is known to the store by its bytes, and changes nothing.
    """

    name: str = "onfido"

    def read(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: float) -> list[Outcome]:
        """News of identity steps; the case is the run's customer_user_id. Checks and tasks by themselves decide nothing."""
        given = signed.header(headers, "x-sha2-signature")
        signed.bounded(body)
        if not signed.any_same([signed.digest(key, body) for key in signed.keys(secrets)], [given]):
            raise Forged("X-SHA2-Signature is not ours")
        event = signed.part(signed.document(body), "payload")
        if signed.needed(event.get("resource_type"), "payload.resource_type") != "workflow_run":
            return []
        signed.needed(event.get("action"), "payload.action")
        run, told = signed.part(event, "object"), signed.part(event, "resource")
        happened = signed.at(run.get("completed_at_iso8601") or told.get("updated_at"), now)
        signed.fresh(happened, now, SENT_FOR)
        status = signed.needed(run.get("status"), "payload.object.status")
        if status not in _STATES:
            raise NotUnderstood(f"payload.object.status is none of {', '.join(_STATES)}")
        reasons = told.get("reasons")
        words = [one for one in reasons if signed.text(one)] if isinstance(reasons, list) else []
        reason = (signed.text(",".join(words)) or status) if _STATES[status] in ("failed", "canceled") else ""
        return [
            Outcome(
                self.name, signed.named_by_body(body), happened, signed.text(told.get("customer_user_id")), "identity",
                _STATES[status], signed.needed(run.get("id"), "payload.object.id"), reason,
            )
        ]  # fmt: skip
