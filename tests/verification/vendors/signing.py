"""Webhooks as each vendor sends them: its body, signed as it documents; none of it made with the code under test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NOW = 1_790_001_234.0  # seconds; 2026-09-21
SECRETS = {
    "stripe_identity": "whsec_test_secret",
    "persona": "wbhsec_test",
    "sumsub": "SoMe_SeCrEt_KeY",
    "onfido": "wU99mE6jJ7nXOLFwZ0tJymM1lpI15pZh",
    "standard_webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}
STATES = {  # what each vendor calls it
    "stripe_identity": {
        "started": "created", "pending": "processing", "passed": "verified", "failed": "requires_input",
    },
    "persona": {"started": "started", "pending": "marked-for-review", "passed": "approved", "failed": "declined"},
    "sumsub": {"started": "applicantCreated", "pending": "applicantPending", "passed": "GREEN", "failed": "RED"},
    "onfido": {"started": "awaiting_input", "pending": "review", "passed": "approved", "failed": "declined"},
    "standard_webhooks": {one: one for one in ("started", "pending", "passed", "failed")},
}  # fmt: skip
REASONS = {
    "stripe_identity": "document_expired",
    "persona": "declined",
    "sumsub": "UNSATISFACTORY_PHOTOS,GRAPHIC_EDITOR",
    "onfido": "too_young",
    "standard_webhooks": "code_wrong",
}


@dataclass(frozen=True)
class Sent:
    headers: dict[str, str]
    body: bytes


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def event(vendor: str, case: str, state: str, at: float, number: int = 1) -> dict[str, Any]:
    """The vendor's document of a state, short of what is not read."""
    said = STATES[vendor][state]
    if vendor == "stripe_identity":
        error = {"code": REASONS[vendor], "reason": "The document is expired."} if state == "failed" else None
        return {
            "id": f"evt_{number}", "object": "event", "created": int(at), "type": f"identity.verification_session.{said}",
            "data": {"object": {"id": "vs_1NuNAILkdIwHu7ixh7OtGMLw", "object": "identity.verification_session",
                                "client_reference_id": case, "last_error": error, "metadata": {}}},
        }  # fmt: skip
    if vendor == "persona":
        inquiry = {"type": "inquiry", "id": "inq_1", "attributes": {"status": said, "reference-id": case}}
        told = {"name": f"inquiry.{said}", "payload": {"data": inquiry}, "created-at": iso(at)}
        return {"data": {"type": "event", "id": f"evt_{number}", "attributes": told}}
    if vendor == "sumsub":
        told = {"applicantId": "5cb5", "externalUserId": case, "type": said, "correlationId": f"req-{number}"}
        if state in ("passed", "failed"):
            told |= {"type": "applicantReviewed", "reviewResult": {"reviewAnswer": said}}  # type: ignore[dict-item]
        if state == "failed":
            told["reviewResult"]["rejectLabels"] = REASONS[vendor].split(",")  # type: ignore[index]
        return {**told, "createdAtMs": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}
    if vendor == "onfido":
        reasons = [REASONS[vendor]] if state == "failed" else []
        return {"payload": {
            "resource_type": "workflow_run", "action": "workflow_run.completed",
            "object": {"id": "run_1", "status": said, "completed_at_iso8601": iso(at)},
            "resource": {"id": "run_1", "customer_user_id": case, "reasons": reasons, "number": number},
        }}  # fmt: skip
    told = {"case": case, "step": "identity", "state": said, "session": "s-1"}
    if state == "failed":
        told["reason"] = REASONS[vendor]
    return {"type": "verification.step", "timestamp": iso(at), "data": told}


def signed(vendor: str, body: bytes, at: float, secret: str = "", number: int = 1, key: bytes | None = None) -> Sent:
    """Signed at that time, with a secret or with the bytes of a key."""
    secret = secret or SECRETS[vendor]
    used = secret.encode() if key is None else key
    made = hmac.new(used, f"{at:.0f}.".encode() + body, hashlib.sha256).hexdigest()
    plain = hmac.new(used, body, hashlib.sha256).hexdigest()
    if vendor == "standard_webhooks":
        used = base64.b64decode(secret.removeprefix("whsec_")) if key is None else key
        mac = hmac.new(used, f"msg_{number}.{at:.0f}.".encode() + body, hashlib.sha256).digest()
        return Sent({
            "webhook-id": f"msg_{number}", "webhook-timestamp": f"{at:.0f}",
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }, body)  # fmt: skip
    headers = {
        "stripe_identity": {"Stripe-Signature": f"t={at:.0f},v1={made}"},
        "persona": {"Persona-Signature": f"t={at:.0f},v1={made}"},
        "sumsub": {"X-Payload-Digest": plain, "X-Payload-Digest-Alg": "HMAC_SHA256_HEX"},
        "onfido": {"X-SHA2-Signature": plain},
    }
    return Sent(headers[vendor], body)


def webhook(vendor: str, case: str, state: str, at: float = NOW, number: int = 1, **signing: Any) -> Sent:
    body = json.dumps(event(vendor, case, state, at, number)).encode()
    return signed(vendor, body, **{"at": at, "number": number, **signing})
