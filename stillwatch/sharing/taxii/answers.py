"""How answers are written: resources of TAXII, and errors as 3.6.1 has them."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from stillwatch.request import Answer
from stillwatch.sharing.taxii import instants
from stillwatch.sharing.taxii.exchange import Collection, Exchange, Partner
from stillwatch.sharing.taxii.media import STIX, TAXII
from stillwatch.sharing.taxii.objects import Page
from stillwatch.sharing.taxii.query import following

FIRST, LAST = "x-taxii-date-added-first", "x-taxii-date-added-last"


def error(status: int, code: str, message: str, *headers: tuple[str, str], **more: str) -> Answer:
    """`details` are names and texts; the id is in what the server says of it, so that a partner can ask about it."""
    said: dict[str, Any] = {
        "title": message,
        "error_id": str(uuid.uuid4()),
        "error_code": code,
        "http_status": str(status),
    }
    return Answer(status, {**said, "details": more} if more else said, headers, TAXII)


def resource(said: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, said, (), TAXII)


def discovery(exchange: Exchange) -> dict[str, Any]:
    root = f"/{exchange.root}/"  # relative, as 4.1.1 allows: a proxy's name for us is not ours to know
    told = {"description": exchange.description, "contact": exchange.contact}
    return {"title": exchange.title, **_some(told), "default": root, "api_roots": [root]}


def api_root(exchange: Exchange) -> dict[str, Any]:
    told = _some({"description": exchange.description})
    return {"title": exchange.title, **told, "versions": [TAXII], "max_content_length": exchange.most_bytes}


def collection(one: Collection, partner: Partner) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, **_some({"description": one.description}), "alias": one.alias,
        "can_read": one.id in partner.reads, "can_write": one.id in partner.writes, "media_types": [STIX],
    }  # fmt: skip


def envelope(page: Page, after: int) -> Answer:
    """Bodies are put in as they are kept, not read again (3.7)."""
    parts = [f'"more":true,"next":"{following(page.rows[-1].added)}"'.encode()] if page.more else []
    if page.rows:
        parts.append(b'"objects":[' + b",".join(row.body for row in page.rows) + b"]")
    return Answer(200, b"{" + b",".join(parts) + b"}", _dates(page, after), TAXII)


def manifest(page: Page, after: int) -> Answer:
    """With `next`, which 5.3.1 leaves out and 5.3 takes: a client could not go on without one."""
    records = [
        {"id": row.id, "date_added": instants.written(row.added), "version": row.version, "media_type": STIX}
        for row in page.rows
    ]
    return _listed(page, after, "objects", records)


def versions(page: Page, after: int) -> Answer:
    return _listed(page, after, "versions", [row.version for row in page.rows])


def _listed(page: Page, after: int, name: str, items: list[Any]) -> Answer:
    more = {"more": True, "next": following(page.rows[-1].added)} if page.more else {}
    return Answer(200, orjson.dumps({**more, name: items} if items else {}), _dates(page, after), TAXII)


def _dates(page: Page, after: int) -> tuple[tuple[str, str], ...]:
    """3.2 wants both of every answer. Where nothing is told, they are what was asked after: one goes on from there."""
    ends = (page.rows[0].added, page.rows[-1].added) if page.rows else (after, after)
    return (FIRST, instants.written(ends[0])), (LAST, instants.written(ends[1]))


def _some(told: dict[str, str]) -> dict[str, str]:
    """What is optional, and empty, is left out."""
    return {name: text for name, text in told.items() if text}
