"""Questions to a TAXII 2.1 server, each with what the standard says of the answer."""

from __future__ import annotations

import base64
import http.client
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from bench.taxii_peers.peers import USER, Peer

TAXII = "application/taxii+json;version=2.1"
LAST = "x-taxii-date-added-last"
AT = "2026-01-01T00:00:00.000Z"
_MOST_PAGES = 200


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def is_taxii(self) -> bool:
        return self.headers.get("content-type", "").replace(" ", "").startswith(TAXII)

    def __str__(self) -> str:
        return f"{self.status}{'' if self.is_taxii else ' ' + self.headers.get('content-type', 'nothing').partition(';')[0]}"


def ask(peer: Peer, method: str, address: str, body: Any = None, **headers: str | None) -> Said:
    """Headers with _ for -, None where one is left out."""
    shown = base64.b64encode(f"{USER}:{peer.password}".encode()).decode()
    sent = {"accept": TAXII, "content-type": TAXII if method == "POST" else None, "authorization": f"Basic {shown}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    told = urlsplit(address)
    connection = http.client.HTTPConnection(told.hostname or "", told.port, timeout=60)
    raw = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
    try:
        place = told.path + (f"?{told.query}" if told.query else "")
        connection.request(method, place, raw, {name: value for name, value in sent.items() if value is not None})
        answer = connection.getresponse()
        return Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    except (OSError, http.client.HTTPException) as problem:
        return Said(0, {"content-type": type(problem).__name__}, b"")
    finally:
        connection.close()


def indicator(modified: str = AT, identifier: str = "") -> dict[str, Any]:
    return {
        "type": "indicator", "spec_version": "2.1", "id": identifier or f"indicator--{uuid.uuid4()}", "created": AT,
        "modified": modified, "pattern": "[ipv4-addr:value = '198.51.100.1']", "pattern_type": "stix", "valid_from": AT,
    }  # fmt: skip


def extension() -> dict[str, Any]:
    return {
        "type": "extension-definition", "spec_version": "2.1", "id": f"extension-definition--{uuid.uuid4()}", "created": AT,
        "modified": AT, "created_by_ref": f"identity--{uuid.uuid4()}", "name": "counters", "schema": "https://example.com/s",
        "version": "1.0.0", "extension_types": ["property-extension"],
    }  # fmt: skip


def added(peer: Peer, ones: list[dict[str, Any]]) -> str:
    said = ask(peer, "POST", peer.objects, {"objects": ones})
    return (
        f"{said.document.get('success_count')}/{said.document.get('failure_count')}"
        if said.status == 202
        else str(said)
    )


def paged(
    peer: Peer,
    limit: int,
    by_date: bool = False,
    meanwhile: Callable[[int], None] = lambda page: None,
    again: bool = False,
) -> Any:
    """All objects, a page at a time, and `again` what came after the last of them; or the first answer that is none."""
    found: list[dict[str, Any]] = []
    query = ""
    for number in range(_MOST_PAGES):
        said = ask(peer, "GET", f"{peer.objects}?limit={limit}{query}")
        if said.status != 200:
            return said
        found += said.document.get("objects", [])
        if not said.document.get("more"):
            if not again:
                return found
            again, query = False, f"&added_after={quote(said.headers[LAST])}"
            continue
        meanwhile(number)
        query = (
            f"&added_after={quote(said.headers[LAST])}" if by_date else f"&next={quote(said.document.get('next', ''))}"
        )
    return Said(0, {"content-type": "no end of pages"}, b"")


def compared(found: Any, expected: list[dict[str, Any]]) -> tuple[str, bool]:
    """How many came, lost and repeated."""
    if isinstance(found, Said):
        return str(found), False
    ids, wanted = [one.get("id") for one in found], [one["id"] for one in expected]
    lost, repeated = len(set(wanted) - set(ids)), len(ids) - len(set(ids))
    same = all(one in expected for one in found)
    told = f"{len(ids)}" + (f", {lost} lost" if lost else "") + (f", {repeated} twice" if repeated else "")
    return told + ("" if same else ", changed"), not lost and not repeated and same


def status(*allowed: int) -> Callable[[Said], tuple[str, bool]]:
    """Of an answer, that it is one of these, and an error resource where it is an error."""
    return lambda said: (str(said), said.status in allowed and said.is_taxii)
