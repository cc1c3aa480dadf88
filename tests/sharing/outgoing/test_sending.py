"""A package by TAXII, to a server that others wrote, and to servers that misbehave."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.outgoing import log, packages
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.outgoing.release import release
from stillwatch.sharing.outgoing.sending import MEDIA, send
from stillwatch.sharing.outgoing.withdraw import withdraw
from tests.sharing.drafts_here import AT, PARTNERS, draft, state, write

COLLECTION = "52892447-4d7e-4f70-b94d-d7f22742ff63"


@contextmanager
def answering(*answers: tuple[int, Any]) -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """A server that says these one after another, and the last for ever; and what it was asked."""
    asked: list[tuple[str, str, bytes]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            code, told = answers[min(len(asked), len(answers)) - 1]
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Type", MEDIA)
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


@pytest.fixture
def medallion(tmp_path: Path) -> Iterator[str]:
    """The reference server of OASIS, with one collection that may be written to; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    collection = {
        "id": COLLECTION, "title": "ours", "can_read": True, "can_write": True, "objects": [], "manifest": [],
        "media_types": ["application/stix+json;version=2.1"],
    }  # fmt: skip
    data = {
        "/discovery": {"title": "here", "default": "http://127.0.0.1/api/", "api_roots": ["http://127.0.0.1/api/"]},
        "api": {
            "information": {"title": "api", "versions": [MEDIA], "max_content_length": 9_765_625}, "status": [],
            "collections": [collection],
        },
    }  # fmt: skip
    (tmp_path / "data.json").write_text(json.dumps(data))
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend"}
    config = {
        "backend": {**backend, "filename": str(tmp_path / "data.json")}, "users": {"ada": "secret"},
        "taxii": {"max_page_size": 100},
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config))
    code = "from medallion.scripts.run import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code, "--port", str(port), str(tmp_path / "config.json")])
    try:
        while True:
            assert process.poll() is None
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/api/collections/{COLLECTION}/"
    finally:
        process.kill()
        process.wait()


def test_a_package_reaches_a_server_of_others_and_is_taken_back_there(tmp_path: Path, medallion: str) -> None:
    from taxii2client.v21 import Collection

    here = state(tmp_path / "sharing")
    key = tmp_path / "northwind.key"
    key.write_text("Basic " + base64.b64encode(b"ada:secret").decode())
    key.chmod(0o600)
    text = PARTNERS.replace("[partners.circle]", f'taxii = "{medallion}"\ntaxii_key = "{key}"\n\n[partners.circle]')
    (here / "partners.toml").write_text(text)
    made = draft()
    made["objects"] = [one for one in made["objects"] if one["type"] != "extension-definition"]  # medallion fails on it
    package = packages.propose(here, write(tmp_path / "draft.json", made), "northwind", "Ada", 14, AT).package
    packages.decide(here, package, "", "approved", "Ben", "read", AT)
    release(here, package, "", "taxii", None, "Ada", AT, send, True)
    collection = Collection(medallion, user="ada", password="secret")
    there = {one["id"]: one for one in collection.get_objects(limit=100)["objects"]}
    assert there.keys() == {one["id"] for one in made["objects"]}
    send(partner(medallion, str(key)), medallion, json.dumps(made).encode())  # as after a crash
    withdraw(here, package, "", "Ada", "wrong", AT, send, True)
    now = {one["id"]: one for one in collection.get_objects(limit=100)["objects"]}
    assert all(one.get("revoked") for one in now.values() if one["type"] in ("indicator", "campaign", "relationship"))
    assert [one.row["where"] for one in log.chain(here).read() if one.row["kind"] == "revoked"] == [medallion]


OK = {"id": "1", "status": "complete", "total_count": 1, "success_count": 1, "failure_count": 0, "pending_count": 0}
PENDING = {**OK, "status": "pending", "success_count": 0, "pending_count": 1}
ANSWERS = [
    ("refused", [(403, {"title": "no"})], "answered 403"),
    ("sent on", [(302, b"")], "answered 302"),
    ("no JSON", [(202, b"<html>")], "gave no answer that could be read"),
    ("a list", [(202, [1])], "gave no status"),
    ("some not taken", [(202, {**OK, "success_count": 0, "failure_count": 1})], "took 0 objects, and not 1"),
]


@pytest.mark.parametrize(("answers", "why"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_a_server_that_does_not_take_it(answers: list[tuple[int, Any]], why: str) -> None:
    with answering(*answers) as (url, asked), pytest.raises(ResponseFailed, match=why):
        send(partner(url), url, json.dumps(draft()).encode())
    assert len(asked) == 1  # nothing is followed to another place


def test_a_server_that_is_not_done_is_asked_until_it_is() -> None:
    with answering((202, PENDING), (200, OK)) as (url, asked):
        send(partner(url), url, json.dumps(draft()).encode())
    assert [one[:2] for one in asked] == [
        ("POST", f"/api/collections/{COLLECTION}/objects/"), ("GET", "/api/status/1/"),
    ]  # fmt: skip


def test_a_long_bundle_goes_in_parts_in_its_order() -> None:
    objects = [{**draft()["objects"][3], "name": "x" * 400_000, "confidence": number} for number in range(5)]
    with answering((202, OK)) as (url, asked):
        send(partner(url), url, json.dumps({"objects": objects}).encode())
    parts = [[one["confidence"] for one in json.loads(body)["objects"]] for _, _, body in asked]
    assert parts == [[0, 1], [2, 3], [4]]


def test_what_is_not_https_is_not_sent_and_a_key_is_for_its_owner(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="is not https"):
        send(
            partner("http://taxii.example/api/collections/1/"),
            "http://taxii.example/api/collections/1/",
            b'{"objects": [1]}',
        )
    key = tmp_path / "open.key"
    key.write_text("Bearer x")
    key.chmod(0o644)
    with pytest.raises(BadConfiguration, match="open to others"):
        send(partner("https://a.example/", str(key)), "https://a.example/", b'{"objects": [1]}')
