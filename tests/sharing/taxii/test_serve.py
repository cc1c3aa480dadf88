"""The commands as processes: secrets that are replaced, TLS, a log of who got what, and a server that is killed."""

from __future__ import annotations

import http.client
import signal
import ssl
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import begun
import orjson
import pytest
from typer.testing import CliRunner, Result

from stillwatch.cli import app
from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.outgoing.sending import send
from stillwatch.sharing.taxii.media import TAXII
from stillwatch.sharing.taxii.served import Where, guarded
from tests.sharing.taxii.taxii_here import OBJECTS, OPEN, indicator, named

FILE = f"""
title = "Here"
[collections.open]
id = "{OPEN.id}"
title = "Open"
most_restrictive = "TLP:GREEN"
[partners.acme]
reads = ["open"]
writes = ["open"]
"""
IMPORTS = (
    "stillwatch.cli",
    "sqlalchemy.dialects.sqlite",
    "stillwatch.sharing.taxii.served",
    "stillwatch.sharing.taxii.worker",
)


def share(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["share", *map(str, arguments)])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/exchange.toml").write_text(FILE)
    return tmp_path / "state"


def secret(state: Path, *options: str) -> str:
    made = share("token", "acme", "--state", state, "--yes", *options)
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


class Process:
    def __init__(self, state: Path, *options: str) -> None:
        command = ["-m", "stillwatch", "share", "serve", "--state", state, "--bind", "127.0.0.1:0", *options]
        self.process = begun.popen(IMPORTS, command)
        assert self.process.stderr is not None
        said = next((line for line in self.process.stderr if " on http" in line), "")
        assert said, "it says where it is"
        self.port = int(said.rpartition(":")[2])

    def ask(
        self, method: str, path: str, secret: str, body: Any = None, tls: ssl.SSLContext | None = None
    ) -> tuple[int, Any]:
        here: Callable[..., Any] = http.client.HTTPConnection
        more: dict[str, Any] = {}
        if tls is not None:
            here, more = http.client.HTTPSConnection, {"context": tls}
        connection = here("localhost" if tls else "127.0.0.1", self.port, timeout=30, **more)
        headers = {"accept": TAXII, "content-type": TAXII, "authorization": f"Bearer {secret}"}
        connection.request(method, path, None if body is None else orjson.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, orjson.loads(text) if text else None

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture
def started(state: Path) -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def start(*options: str) -> Process:
        running.append(Process(state, *options))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


def test_serves_until_it_is_told_to_end_and_writes_down_who_got_what(
    state: Path, started: Callable[..., Process]
) -> None:
    first = secret(state)
    server, one = started(), indicator()
    assert server.ask("POST", OBJECTS, first, {"objects": [one]})[0] == 202
    assert server.ask("GET", OBJECTS, first) == (200, {"objects": [one]})
    assert server.ask("POST", OBJECTS, first, {"objects": ["x" * (33 << 20)]})[0] == 413, (
        "read by whoever sent too much"
    )
    assert server.ask("POST", OBJECTS, "wrong", {"objects": ["x" * (4 << 20)]})[0] == 401
    second = secret(state, "--overlap", "1")
    assert [server.ask("GET", "/taxii2/", each)[0] for each in (first, second)] == [200, 200], "both, for an hour"
    third = secret(state, "--overlap", "0")
    assert [server.ask("GET", "/taxii2/", each)[0] for each in (first, second, third)] == [401, 401, 200]
    assert "would end" in share("token", "acme", "--state", state, "--revoke").output
    assert server.ask("GET", "/taxii2/", third)[0] == 200, "shown, and not done"
    assert share("token", "acme", "--state", state, "--revoke", "--yes").exit_code == 0
    assert server.ask("GET", "/taxii2/", third)[0] == 401
    assert server.end(signal.SIGTERM) == 0
    (told,) = (state / "told").iterdir()
    rows = [orjson.loads(line) for line in told.read_bytes().splitlines()]
    assert [(row["partner"], row["did"], row["ids"]) for row in rows] == [
        ("acme", "posted", [one["id"]]), ("acme", "objects", [one["id"]]),
    ]  # fmt: skip
    for path in (told, state / "objects.db"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(each.encode() not in (state / "objects.db").read_bytes() for each in (first, second, third))


def test_what_was_acknowledged_is_there_after_the_server_was_killed(
    state: Path, started: Callable[..., Process]
) -> None:
    token = secret(state)
    acknowledged: set[str] = set()
    pending: list[str] = []
    for killed in range(2):
        server = started()
        stop = threading.Event()

        def posts(server: Process = server, stop: threading.Event = stop) -> None:
            while not stop.is_set():
                try:
                    status, told = server.ask("POST", OBJECTS, token, {"objects": [indicator() for _ in range(20)]})
                except (OSError, http.client.HTTPException):
                    return
                assert status == 202
                acknowledged.update(one["id"] for one in told["successes"])

        threads = [threading.Thread(target=posts) for _ in range(2)]
        for one in threads:
            one.start()
        time.sleep(0.3 + 0.2 * killed)
        big = [indicator() for _ in range(1_200)]
        status, told = server.ask("POST", OBJECTS, token, {"objects": big})
        assert status == 202 and told["pending_count"] == 1_200
        acknowledged.update(one["id"] for one in big)
        pending.append(told["id"])
        server.end(signal.SIGKILL)
        stop.set()
        for one in threads:
            one.join()
    server = started()
    until = time.monotonic() + 60
    while any(server.ask("GET", f"/exchange/status/{one}/", token)[1]["status"] != "complete" for one in pending):
        assert time.monotonic() < until, "what was pending is added by whoever comes next"
        time.sleep(0.1)
    found: list[str] = []
    query: str | None = ""
    while query is not None:
        page = server.ask("GET", f"{OBJECTS}?limit=1000{query}", token)[1]
        found += [one["id"] for one in page["objects"]]
        query = f"&next={page['next']}" if page.get("more") else None
    assert acknowledged <= set(found) and len(found) == len(set(found))


def test_tls_and_numbers(state: Path, tmp_path: Path, started: Callable[..., Process]) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    token = secret(state)
    server = started("--cert", str(cert), "--cert-key", str(key))
    assert server.ask("GET", "/taxii2/", token, tls=ssl.create_default_context(cafile=cert))[0] == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        server.ask("GET", "/taxii2/", token, tls=ssl.create_default_context())
    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(0o600)
    where = ("--state", tmp_path / "ours", "--credentials", tmp_path / "token", "--collection", "open")
    there = f"https://localhost:{server.port}/taxii2/"
    ones = [indicator(), indicator(object_marking_refs=["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"])]
    bundle = orjson.dumps({"type": "bundle", "id": named("bundle"), "objects": ones})
    to = Partner("lab", "Lab", "provider", "x", "TLP:AMBER", "", f"https://localhost:{server.port}/exchange/collections/open/",
                 str(tmp_path / "token"), str(cert))  # fmt: skip
    with pytest.raises(ResponseFailed, match="does not prove who it is"):
        send(replace(to, taxii_ca=""), to.taxii, bundle)
    with pytest.raises(ResponseFailed, match=f"took 1 objects, and not 1: {ones[1]['id']} marked TLP:AMBER"):
        send(to, to.taxii, bundle)
    pulls = ("pull", there, *where, "--ca", cert, "--from", "lab", "--out", tmp_path / "in", "--json")
    (page,) = orjson.loads(share(*pulls).stdout)["pages"]
    assert orjson.loads(Path(page).read_bytes())["objects"] == ones[:1]
    assert orjson.loads(share(*pulls).stdout)["objects"] == 0


@pytest.mark.parametrize(
    ("where", "good"),
    [
        (Where(("127.0.0.1", 1)), True), (Where(("::1", 1)), True), (Where(("localhost", 1)), True),
        (Where(("0.0.0.0", 1)), False), (Where(("ti.example.com", 1)), False),
        (Where(("0.0.0.0", 1), Path("c"), Path("k")), True), (Where(("0.0.0.0", 1), proxies="10.0.0.1"), True),
    ],
)  # fmt: skip
def test_secrets_do_not_cross_a_network_unencrypted(where: Where, good: bool) -> None:
    if good:
        return guarded(where)
    with pytest.raises(BadConfiguration, match="unencrypted"):
        guarded(where)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cert", "c.pem"], "goes with its key"), (["--bind", "0.0.0.0:1"], "unencrypted"),
        (["--exchange", "none.toml"], "cannot be read"), (["--cert", "none.pem", "--cert-key", "none.pem"], "certificate"),
        (["--store", "mysql://x/y"], "no such store"), (["--bind", "127.0.0.1"], "host and a port"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_anything_is_served(state: Path, options: list[str], said: str) -> None:
    done = share("serve", "--state", state, *options)
    assert done.exit_code and said in f"{done.output} {done.exception}"
