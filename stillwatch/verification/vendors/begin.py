"""The way out: the one request that begins a check at a vendor. Made here, sent only when a person says so.

Sources: docs.stripe.com/api/identity/verification_sessions/create; docs.withpersona.com/api-reference/inquiries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import orjson

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.verification.fetched import Unfetched, fetched
from stillwatch.verification.vendors.signed import part, text
from stillwatch.verification.vendors.vendor import NotUnderstood

SECONDS = 20.0  # for the vendor to answer: a session takes one or two
_PERSONA_VERSION = "2023-01-05"  # of their API, so that it does not change under us


@dataclass(frozen=True)
class Request:
    """What would be sent, without the key: it may be shown and kept."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"

    def shown(self) -> dict[str, object]:
        """For a person or a file."""
        headers = dict(self.headers)
        return {"method": self.method, "url": self.url, "headers": headers, "body": self.body.decode()}


@dataclass(frozen=True)
class Begun:
    """The vendor's own reference, and the page to send the customer to. Whoever has the address can use it: never log it."""

    session: str
    url: str


@dataclass(frozen=True)
class Way:
    """One vendor's."""

    base_url: str
    request: Callable[[str, str, str, str], Request]  # of base URL, case, return URL and template
    begun: Callable[[object], Begun]


def stripe(base_url: str, case: str, return_url: str, template: str) -> Request:
    """A VerificationSession; `template` is a verification flow of the dashboard, or empty for a document and a selfie."""
    fields = {"client_reference_id": case, "metadata[stillwatch_case]": case, "return_url": return_url}
    fields |= (
        {"verification_flow": template}
        if template
        else {"type": "document", "options[document][require_matching_selfie]": "true"}
    )
    headers = (("content-type", "application/x-www-form-urlencoded"), ("idempotency-key", f"stillwatch-{case}"))
    return Request(f"{base_url}/v1/identity/verification_sessions", headers, urlencode(fields).encode())


def persona(base_url: str, case: str, return_url: str, template: str) -> Request:
    """An inquiry from an inquiry template, which must be named."""
    if not template:
        raise BadConfiguration(
            "an inquiry needs a template", "persona", 'template = "itmpl_…", of Persona\'s dashboard'
        )
    told = {"inquiry-template-id": template, "reference-id": case, "redirect-uri": return_url}
    headers = (
        ("content-type", "application/json"),
        ("persona-version", _PERSONA_VERSION),
        ("idempotency-key", f"stillwatch-{case}"),
    )
    return Request(f"{base_url}/api/v1/inquiries", headers, orjson.dumps({"data": {"attributes": told}}))


def _stripe_begun(answer: object) -> Begun:
    told = part(answer)
    return Begun(text(told.get("id")), _address(told.get("url")))


def _persona_begun(answer: object) -> Begun:
    return Begun(text(part(answer, "data").get("id")), _address(part(answer, "meta").get("one-time-link")))


def _address(value: object) -> str:
    return value if isinstance(value, str) and value.startswith("https://") else ""


WAYS: Mapping[str, Way] = {
    "stripe_identity": Way("https://api.stripe.com", stripe, _stripe_begun),
    "persona": Way("https://api.withpersona.com", persona, _persona_begun),
}


def request(vendor: str, case: str, return_url: str, template: str = "", base_url: str = "") -> Request:
    """What would be sent; the same case twice begins one session, by its idempotency key."""
    way = WAYS.get(vendor)
    if way is None:
        raise BadConfiguration("no session can be begun there", vendor, ", ".join(WAYS), "begin it as the vendor says")
    return way.request((base_url or way.base_url).rstrip("/"), case, return_url, template)


async def send(vendor: str, asked: Request, key: str) -> Begun:
    """Send it, with the vendor's API key. ResponseFailed when no session has begun."""
    headers = {**dict(asked.headers), "authorization": f"Bearer {key}"}
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
            answer = await fetched(session, asked.method, asked.url, headers=headers, data=asked.body)
        begun = WAYS[vendor].begun(answer)
    except Unfetched as problem:
        raise _failed(vendor, str(problem)) from None
    except NotUnderstood:
        raise _failed(vendor, "answered in a form that it does not document") from None
    if not begun.session:
        raise _failed(vendor, "named no session")
    return begun


def _failed(vendor: str, why: str) -> ResponseFailed:
    return ResponseFailed(f"no session has begun: {why}", vendor, "", "send it again: the same case begins one session")
