"""The client that others use, against our server; and our client against a server of others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from taxii2client.v21 import ApiRoot, Server, as_pages

from bench.taxii_peers.peers import PASSWORD, USER, medallion
from stillwatch.errors import ResponseFailed
from stillwatch.sharing.taxii.asking import Asking
from stillwatch.sharing.taxii.pulled import Pulled, pull
from stillwatch.sharing.taxii.pushed import Pushed, push
from stillwatch.sharing.taxii.remote import remote
from tests.sharing.taxii.taxii_here import (
    AT,
    EXTENSION,
    INBOX,
    OPEN,
    OURS,
    Here,
    basic,
    here,
    indicator,
    listening,
    named,
)

LATER = "2026-02-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Here, str]]:
    with here(tmp_path_factory.mktemp("taxii")) as found, listening(found.door) as address:
        yield found, address


def test_taxii2_client_reads_and_writes(served: tuple[Here, str]) -> None:
    taxii, address = served
    server = Server(f"{address}/taxii2/", user="acme", password=taxii.secrets["acme"])
    assert server.title == "Here" and server.default.url == f"{address}/exchange/"
    by_id = {one.id: one for one in server.default.collections}
    assert {name: (one.can_read, one.can_write) for name, one in by_id.items()} == {
        OPEN.id: (True, True), INBOX.id: (False, True), OURS.id: (True, False),
    }  # fmt: skip
    collection, one = by_id[OPEN.id], indicator()
    ones = [one, EXTENSION, *(indicator() for _ in range(38))]
    status = collection.add_objects({"objects": ones})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 40, 0)
    for per_request in (0, 1, 7, 40, 1_000):
        paged = [found for page in as_pages(collection.get_objects, per_request) for found in page["objects"]]
        assert paged == ones
        listed = [found["id"] for page in as_pages(collection.get_manifest, per_request) for found in page["objects"]]
        assert listed == [found["id"] for found in ones]
    assert collection.get_objects(type=["extension-definition"])["objects"] == [EXTENSION]
    collection.add_objects({"objects": [indicator(one["id"], LATER)]})
    assert collection.object_versions(one["id"])["versions"] == [AT, LATER]
    assert collection.get_object(one["id"], version=AT)["objects"] == [one]
    collection.delete_object(one["id"])
    with pytest.raises(requests.HTTPError, match="404"):
        collection.get_object(one["id"])
    root = ApiRoot(f"{address}/exchange/", user="acme", password=taxii.secrets["acme"])
    assert root.get_status(status.id).success_count == 40


def asked(address: str, shown: str, out: Path, **more: Any) -> Pulled:
    async def whole() -> Pulled:
        async with Asking(address, shown) as asking:
            return await pull(asking, await remote(asking, more.pop("name", OPEN.id)), out / "place.json", out, **more)

    return asyncio.run(whole())


def sent(address: str, shown: str, ones: list[dict[str, Any]]) -> Pushed:
    async def whole() -> Pushed:
        async with Asking(address, shown) as asking:
            return await push(asking, await remote(asking, OPEN.id), ones)

    return asyncio.run(whole())


def read(pulled: Pulled) -> list[dict[str, Any]]:
    return [one for page in pulled.pages for one in orjson.loads(page.read_bytes())["objects"]]


def test_our_client_and_medallion(tmp_path: Path) -> None:
    ones = [indicator() for _ in range(250)]
    with medallion(tmp_path) as peer:
        address = peer.root
        assert sent(address, basic(USER, PASSWORD), ones) == Pushed(250, ())
        first = asked(address, basic(USER, PASSWORD), tmp_path / "in")
        assert [len(orjson.loads(page.read_bytes())["objects"]) for page in first.pages] == [100, 100, 50]
        assert {one["id"] for one in read(first)} == {one["id"] for one in ones} and first.whole
        assert asked(address, basic(USER, PASSWORD), tmp_path / "in").objects == 0
        later = [
            indicator(),
            {"type": "ipv4-addr", "id": named("ipv4-addr"), "value": "198.51.100.7", "spec_version": "2.1"},
        ]
        sent(address, basic(USER, PASSWORD), later)
        assert {one["id"] for one in read(asked(address, basic(USER, PASSWORD), tmp_path / "in"))} == {
            one["id"] for one in later
        }
        # It reads the property `version` of an extension definition as an instant, and fails for everybody from then on.
        sent(address, basic(USER, PASSWORD), [EXTENSION])
        with pytest.raises(ResponseFailed, match="500"):
            asked(address, basic(USER, PASSWORD), tmp_path / "again")
    with here(tmp_path) as taxii, listening(taxii.door) as address:
        shown = f"Bearer {taxii.secrets['acme']}"
        assert sent(f"{address}/taxii2/", shown, [*ones, EXTENSION]) == Pushed(251, ())
        assert read(asked(f"{address}/exchange/", shown, tmp_path / "ours", limit=100)) == [*ones, EXTENSION]
