"""A package by TAXII, to a server that others wrote, and to servers that misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.taxii_peers.peers import PASSWORD, USER, medallion
from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.outgoing import log, packages
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.outgoing.release import release
from stillwatch.sharing.outgoing.sending import send
from stillwatch.sharing.outgoing.withdraw import withdraw
from stillwatch.sharing.taxii.media import TAXII
from tests.sharing.drafts_here import AT, PARTNERS, draft, state, write

COLLECTION = "52892447-4d7e-4f70-b94d-d7f22742ff63"
ROOT = {"title": "here", "versions": [TAXII], "max_content_length": 1_000_000}
OURS = {"id": COLLECTION, "title": "ours", "can_read": True, "can_write": True}


@contextmanager
def answering(*answers: tuple[int, Any], collection: Any = OURS) -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """A server that says these of objects one after another, and the last for ever; and what it was asked of them."""
    asked: list[tuple[str, str, bytes]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known = {"/api/": ROOT, f"/api/collections/{COLLECTION}/": collection}
            if self.path in known:
                code, told = 200, known[self.path]
            else:
                asked.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
                code, told = answers[min(len(asked), len(answers)) - 1]
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", TAXII)
            if code == 302:
                self.send_header("Location", "/elsewhere/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/collections/{COLLECTION}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def partner(url: str, key: str = "") -> Partner:
    return Partner("p", "Northwind AI", "provider", "x", "TLP:AMBER", "", url, key)


def test_a_package_reaches_a_server_of_others_and_is_taken_back_there(tmp_path: Path) -> None:
    from taxii2client.v21 import Collection

    here = state(tmp_path / "sharing")
    key = tmp_path / "northwind.key"
    key.write_text(f"{USER}:{PASSWORD}\n")
    key.chmod(0o600)
    made = draft()
    made["objects"] = [one for one in made["objects"] if one["type"] != "extension-definition"]  # medallion fails on it
    with medallion(tmp_path) as peer:
        where = peer.objects.removesuffix("objects/")
        text = PARTNERS.replace("[partners.circle]", f'taxii = "{where}"\ntaxii_key = "{key}"\n\n[partners.circle]')
        (here / "partners.toml").write_text(text)
        package = packages.propose(here, write(tmp_path / "draft.json", made), "northwind", "Ada", 14, AT).package
        with pytest.raises(ResponseFailed, match="nobody has approved it"):
            release(here, package, "", "taxii", None, "Ada", AT, send, True)
        packages.decide(here, package, "", "approved", "Ben", "read", AT)
        collection = Collection(where, user=USER, password=PASSWORD)
        assert collection.get_objects(limit=100).get("objects", []) == []
        release(here, package, "", "taxii", None, "Ada", AT, send, True)
        there = {one["id"]: one for one in collection.get_objects(limit=100)["objects"]}
        assert there.keys() == {one["id"] for one in made["objects"]}
        send(
            partner(where, str(key)), where, json.dumps(made).encode()
        )  # as after a crash; medallion calls it failures
        withdraw(here, package, "", "Ada", "wrong", AT, send, True)
        now = {one["id"]: one for one in collection.get_objects(limit=100)["objects"]}
    assert all(one.get("revoked") for one in now.values() if one["type"] in ("indicator", "campaign", "relationship"))
    assert [one.row["where"] for one in log.chain(here).read() if one.row["kind"] == "revoked"] == [where]


COUNT = len(draft()["objects"])
OK = {
    "id": "1",
    "status": "complete",
    "total_count": COUNT,
    "success_count": COUNT,
    "failure_count": 0,
    "pending_count": 0,
}
PENDING = {**OK, "status": "pending", "success_count": 0, "pending_count": COUNT}
FAILED = {**OK, "success_count": COUNT - 1, "failure_count": 1}
NAMED = {**FAILED, "failures": [{"id": draft()["objects"][3]["id"], "message": "not \x1b[31m this"}]}
ANSWERS = [
    ("refused", [(403, {"title": "no"})], "answered 403"),
    ("sent on", [(302, b"")], "redirects what is sent"),
    ("no JSON", [(202, b"<html>")], "no JSON object"),
    ("a list", [(202, [1])], "no JSON object"),
    ("no status", [(202, {"id": "1"})], "no status that can be read"),
    ("some not taken", [(202, FAILED)], f"took {COUNT - 1} objects, and not 1: one that the server does not name"),
    ("some of which it says nothing", [(202, {**OK, "success_count": 2})], "took 2 objects"),
]


@pytest.mark.parametrize(("answers", "why"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_a_server_that_does_not_take_it(answers: list[tuple[int, Any]], why: str) -> None:
    with answering(*answers) as (url, asked), pytest.raises(ResponseFailed, match=why):
        send(partner(url), url, json.dumps(draft()).encode())
    assert len(asked) == 1  # nothing is followed to another place


def test_a_failure_counts_unless_the_server_has_that_version() -> None:
    one = draft()["objects"][3]
    for found, good in ((one, True), ({**one, "modified": "2026-11-20T08:00:00.000Z"}, False), ({}, False)):
        with answering((202, NAMED), (200, {"objects": [found]})) as (url, asked):
            if good:
                send(partner(url), url, json.dumps(draft()).encode())
            else:
                with pytest.raises(ResponseFailed, match=rf"and not 1: {one['id']} not  \[31m this"):
                    send(partner(url), url, json.dumps(draft()).encode())
        assert asked[1][1].endswith(f"/objects/{one['id']}/?match%5Bversion%5D=all") or asked[1][1].endswith(
            f"/objects/{one['id']}/?match[version]=all"
        )


def test_a_server_that_is_not_done_is_asked_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stillwatch.sharing.taxii.pushed._ASKS_EACH", 0.0)
    with answering((202, PENDING), (200, PENDING), (200, OK)) as (url, asked):
        send(partner(url), url, json.dumps(draft()).encode())
    assert [one[:2] for one in asked] == [
        ("POST", f"/api/collections/{COLLECTION}/objects/"), ("GET", "/api/status/1/"), ("GET", "/api/status/1/"),
    ]  # fmt: skip


def test_what_no_server_may_be_sent(tmp_path: Path) -> None:
    """An address that is not encrypted, or of no collection; a key that others can read; one that takes nothing of ours."""
    key = tmp_path / "open.key"
    key.write_text("token")
    key.chmod(0o644)
    for address, opens, why in (
        ("http://taxii.example/api/collections/1/", "", "unencrypted"),
        ("https://taxii.example/api/", "", "no address of a collection"),
        ("https://a.example/collections/1/", str(key), "open to others"),
    ):
        with pytest.raises(BadConfiguration, match=why):
            send(partner(address, opens), address, b'{"objects": [{}]}')
    with answering((202, OK), collection={**OURS, "can_write": False}) as (url, asked):
        with pytest.raises(BadConfiguration, match="may not write"):
            send(partner(url), url, json.dumps(draft()).encode())
        assert asked == []
