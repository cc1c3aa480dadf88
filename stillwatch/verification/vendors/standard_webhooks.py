"""Whoever signs as the Standard Webhooks specification says, with a body of our own making: for vendors without a file here,
and for checks that a provider makes itself.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md. The body is

    {"type": "verification.step", "timestamp": "2026-11-27T18:00:00Z",
     "data": {"case": "…", "step": "phone", "state": "passed", "session": "…", "reason": "…", "facts": {"kind": "value"}}}

where the last three may be missing. `step` and `state` are those of stillwatch/verification/outcome.py.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.verification.outcome import STATES, STEPS, Outcome
from stillwatch.verification.vendors import signed
from stillwatch.verification.vendors.vendor import Forged, NotUnderstood, Secret

TYPE = "verification.step"
_PREFIX = "whsec_"  # of secrets as people copy them; base64 follows
_MOST_FACTS = 16  # that one step shows; a check of an organisation shows three


@dataclass(frozen=True)
class StandardWebhooks:
    """`webhook-signature: v1,BASE64`, an HMAC-SHA256 of `webhook-id.webhook-timestamp.BODY`; several, with spaces between."""

    name: str = "standard_webhooks"

    def read(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: float) -> list[Outcome]:
        """News of any step. Events of another type are none."""
        message = signed.header(headers, "webhook-id")
        signed_at = signed.header(headers, "webhook-timestamp")
        given = signed.header(headers, "webhook-signature")
        content = f"{message}.{signed_at}.".encode("utf-8", "surrogatepass") + signed.bounded(body)
        made = [hmac.digest(key, content, "sha256") for key in _keys(secrets)]
        if not signed.any_same(made, [_decoded(one) for one in given.split(" ") if one.startswith("v1,")]):
            raise Forged("no signature of webhook-signature is ours")
        signed.fresh(signed.seconds(signed_at), now)
        event = signed.document(body)
        if signed.needed(event.get("type"), "type") != TYPE:
            return []
        told = signed.part(event, "data")
        step, state = told.get("step"), told.get("state")
        if step not in STEPS or state not in STATES:
            raise NotUnderstood(f"data.step or data.state is none of {', '.join((*STEPS, *STATES))}")
        return [
            Outcome(
                self.name, signed.needed(message, "webhook-id"), signed.at(event.get("timestamp"), now),
                signed.text(told.get("case")), step, state,
                signed.text(told.get("session")), signed.text(told.get("reason")), _facts(told.get("facts", {})),
            )
        ]  # fmt: skip


def _facts(told: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(told, dict) or len(told) > _MOST_FACTS:
        raise NotUnderstood(f"data.facts is not an object of {_MOST_FACTS} or fewer")
    return tuple((signed.needed(kind, "a fact"), signed.needed(value, "a fact")) for kind, value in told.items())


def _keys(secrets: Sequence[Secret]) -> list[bytes]:
    """Bytes as they are, text in base64; what is no base64 is no secret of this kind."""
    found = [one if isinstance(one, bytes) else _decoded(f"v1,{one.removeprefix(_PREFIX)}") for one in secrets]
    return [one for one in found if one]


def _decoded(text: str) -> bytes:
    coded = text.partition(",")[2].rstrip("=")
    try:
        return base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
