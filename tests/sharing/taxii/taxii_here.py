"""A TAXII server on the real store, asked as an ASGI app or over a socket of this machine; and objects to put into it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import uvicorn

from stillwatch.sharing.taxii.counted import Counted
from stillwatch.sharing.taxii.door import Door
from stillwatch.sharing.taxii.endpoints import Endpoints
from stillwatch.sharing.taxii.exchange import Collection, Exchange, Partner
from stillwatch.sharing.taxii.media import TAXII
from stillwatch.sharing.taxii.objects import Objects
from stillwatch.sharing.taxii.received import Received
from stillwatch.sharing.taxii.schema import opened
from stillwatch.sharing.taxii.tokens import Tokens

OPEN = Collection("open", "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "Open", "", "TLP:AMBER+STRICT")
INBOX = Collection("inbox", "52892447-4d7e-4f70-b94d-d7f22742ff63", "Inbox", "what partners bring", "TLP:GREEN")
OURS = Collection("ours", "0b1f44b5-3ab8-4f37-9f2e-1f6a4d54b8a6", "Ours", "", "TLP:RED")
PARTNERS = (
    Partner("acme", frozenset({OPEN.id, OURS.id}), frozenset({OPEN.id, INBOX.id})),  # all four kinds of rights
    Partner("bolt", frozenset({OPEN.id}), frozenset({OPEN.id})),
    Partner("none"),
)
EXCHANGE = Exchange(
    "Here", "", "", "exchange", 1 << 20, {one.id: one for one in (OPEN, INBOX, OURS)}, {one.name: one for one in PARTNERS}
)  # fmt: skip
OBJECTS = f"/exchange/collections/{OPEN.id}/objects/"
MANIFEST = f"/exchange/collections/{OPEN.id}/manifest/"
DATES_LAST = "x-taxii-date-added-last"
AT = "2026-01-01T00:00:00.000Z"
_numbers = itertools.count()


def indicator(identifier: str = "", modified: str = AT, **more: Any) -> dict[str, Any]:
    """One with a time at which it was modified; a new one without an id."""
    return {
        "type": "indicator", "spec_version": "2.1", "id": identifier or named("indicator"), "created": AT, "modified": modified,
        "pattern": "[ipv4-addr:value = '198.51.100.1']", "pattern_type": "stix", "valid_from": AT, **more,
    }  # fmt: skip


def named(kind: str) -> str:
    return f"{kind}--{uuid.UUID(int=next(_numbers) | 4 << 76 | 8 << 60)}"


EXTENSION = {
    "type": "extension-definition", "spec_version": "2.1", "id": "extension-definition--9c59fd79-4215-4ba2-920d-3e4f320e1e62",
    "created": AT, "modified": AT, "created_by_ref": "identity--9c59fd79-4215-4ba2-920d-3e4f320e1e63", "name": "counters",
    "schema": "https://example.com/schema.json", "version": "1.0.0", "extension_types": ["property-extension"],
}  # fmt: skip


@dataclass
class Told:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return orjson.loads(self.body)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.said.get("objects", ())]


@dataclass(repr=False)
class Here:
    door: Door
    objects: Objects
    received: Received
    tokens: Tokens
    secrets: dict[str, str]
    notes: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    woken: list[bool] = field(default_factory=list)

    def ask(
        self, method: str, path: str, query: str = "", body: Any = None, who: str | None = "acme", **headers: str
    ) -> Told:
        """As an ASGI server would: `query` as it stands in an address; headers with _ for -, None where one is left out."""
        sent: dict[str, str | None] = {"accept": TAXII, **({"content-type": TAXII} if method == "POST" else {})}
        if who is not None:
            sent["authorization"] = f"Bearer {self.secrets.get(who, who)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        coded = [(name.encode(), value.encode("latin-1")) for name, value in sent.items() if value is not None]
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "client": ("192.0.2.1", 1),
            "query_string": query.encode("utf-8", "surrogatepass"), "headers": coded,
        }  # fmt: skip
        return asyncio.run(self._asked(scope, raw))

    async def _asked(self, scope: dict[str, Any], raw: bytes) -> Told:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw}

        async def send(message: Any) -> None:
            said.append(message)

        await self.door(scope, receive, send)
        headers = {name.decode(): value.decode("latin-1") for name, value in said[0]["headers"]}
        return Told(said[0]["status"], headers, said[1]["body"])

    def get(self, query: str = "", path: str = OBJECTS, who: str = "acme") -> Told:
        return self.ask("GET", path, query, who=who)

    def post(self, *ones: dict[str, Any], to: Collection = OPEN, who: str = "acme") -> Any:
        told = self.ask("POST", f"/exchange/collections/{to.id}/objects/", body={"objects": list(ones)}, who=who)
        assert told.status == 202, told.body
        return told.said

    def work(self) -> None:
        while self.received.work(EXCHANGE.collections):
            pass


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def match(**fields: str) -> str:
    return "&".join(f"match%5B{name}%5D={quote(value, safe=',')}" for name, value in fields.items())


@contextmanager
def here(where: Path | str, most_bytes: int = EXCHANGE.most_bytes) -> Iterator[Here]:
    """In a folder, or in a database by its URL."""
    store = opened(where / "objects.db" if isinstance(where, Path) else where)
    objects, tokens, counted = Objects(store), Tokens(store), Counted()
    objects.begin(EXCHANGE.collections)
    received = Received(objects)
    notes: list[dict[str, Any]] = []
    said: list[str] = []
    woken: list[bool] = []
    exchange = replace(EXCHANGE, most_bytes=most_bytes)
    endpoints = Endpoints(exchange, objects, received, notes.append, counted, lambda: woken.append(True))
    door = Door(endpoints, tokens, said.append)
    secrets = {one.name: tokens.make(one.name, 0) for one in PARTNERS}
    yield Here(door, objects, received, tokens, secrets, notes, said, woken)
    door.close()
    store.dispose()


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """An ASGI app at an address of this machine."""
    on = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None, interface="asgi3")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([on],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield f"http://127.0.0.1:{on.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
