"""Sumsub: what became of an applicant.

Sources: docs.sumsub.com/docs/webhook-manager (the digest), /docs/user-verification-webhooks (events and their fields),
/docs/receive-and-interpret-results-via-api (GREEN, RED, labels).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.verification.outcome import Outcome
from stillwatch.verification.vendors import signed
from stillwatch.verification.vendors.vendor import Forged, NotUnderstood, Secret

SENT_FOR = 172_800  # seconds: it is sent again until 24 hours and 6 minutes after the event, signed as the first time
_ALGORITHMS = {"HMAC_SHA256_HEX": "sha256", "HMAC_SHA512_HEX": "sha512"}  # SHA-1 is offered for old webhooks, not taken
_STATES = {
    "applicantCreated": "started",
    "applicantPending": "pending",
    "applicantOnHold": "pending",
    "applicantReset": "started",
}
_ANSWERS = {"GREEN": "passed", "RED": "failed"}


@dataclass(frozen=True)
class Sumsub:
    """`X-Payload-Digest: HEX`, an HMAC of the body by the algorithm in `X-Payload-Digest-Alg`.

    No time of sending is signed. What is replayed within SENT_FOR is known to the store by its bytes, and changes nothing.
    """

    name: str = "sumsub"

    def read(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: float) -> list[Outcome]:
        """News of identity steps; the case is the applicant's externalUserId."""
        algorithm = _ALGORITHMS.get(signed.header(headers, "x-payload-digest-alg"))
        given = signed.header(headers, "x-payload-digest")
        if algorithm is None:
            raise Forged(f"X-Payload-Digest-Alg is none of {', '.join(_ALGORITHMS)}")
        signed.bounded(body)
        if not signed.any_same([signed.digest(key, body, algorithm) for key in signed.keys(secrets)], [given]):
            raise Forged("X-Payload-Digest is not ours")
        event = signed.document(body)
        kind = signed.needed(event.get("type"), "type")
        happened = signed.at(event.get("createdAtMs") or event.get("createdAt"), now)
        signed.fresh(happened, now, SENT_FOR)
        state, reason = _STATES.get(kind), ""
        if kind == "applicantReviewed":
            state, reason = _reviewed(signed.part(event, "reviewResult"))
        if state is None:
            return []
        return [
            Outcome(
                self.name, signed.named_by_body(body), happened, signed.text(event.get("externalUserId")), "identity",
                state, signed.needed(event.get("applicantId"), "applicantId"), reason,
            )
        ]  # fmt: skip


def _reviewed(result: dict[str, Any]) -> tuple[str, str]:
    answer = result.get("reviewAnswer")
    if not isinstance(answer, str) or answer not in _ANSWERS:
        raise NotUnderstood(f"reviewAnswer is none of {', '.join(_ANSWERS)}")
    labels = result.get("rejectLabels")
    told = [one for one in labels if signed.text(one)] if isinstance(labels, list) else []
    return _ANSWERS[answer], signed.text(",".join(told)) or signed.text(result.get("reviewRejectType"))
