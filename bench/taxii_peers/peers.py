"""Servers as processes of this machine, each with one empty collection that a user may read and write."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "us"
PASSWORD = "secret-of-ours"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
_ROOT = "b96631e7-f1c1-43dd-b9d6-55d634f31c41"
_STARTS = 60.0  # seconds
_DATA = {
    "/discovery": {"title": "peer", "default": "http://localhost/api/", "api_roots": ["http://localhost/api/"]},
    "api": {
        "information": {"title": "peer", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 9_765_625},
        "status": [],
        "collections": [
            {"id": COLLECTION, "title": "Peer", "can_read": True, "can_write": True,
             "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": []}
        ],
    },
}  # fmt: skip
_EXCHANGE = f"""
title = "peer"
most_bytes = 9765625
[collections.peer]
id = "{COLLECTION}"
[partners.{USER}]
reads = ["peer"]
writes = ["peer"]
"""


@dataclass(frozen=True)
class Peer:
    """A server that runs: the address of its API root, its collection, and what opens it."""

    name: str
    root: str
    collection: str
    password: str
    most_bytes: int = 9_765_625

    @property
    def objects(self) -> str:
        return f"{self.root}collections/{self.collection}/objects/"


@contextmanager
def medallion(
    folder: Path, python: str = sys.executable, name: str = "medallion 3.0.0", **backend: str
) -> Iterator[Peer]:
    """Of the OASIS Open project, with its backend in memory. A later one of `python` names its backends otherwise."""
    (folder / "data.json").write_text(json.dumps(_DATA))
    named = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend"} | backend
    told = {
        "backend": {**{key: value for key, value in named.items() if value}, "filename": str(folder / "data.json")},
        "users": {USER: PASSWORD}, "taxii": {"max_page_size": 100},
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(told))
    port = _free()
    program = "from medallion.scripts.run import main; main()"
    with _running([python, "-c", program, "--port", str(port), str(folder / "config.json")], port, folder):
        yield Peer(name, f"http://127.0.0.1:{port}/api/", COLLECTION, PASSWORD)


@contextmanager
def opentaxii(folder: Path, python: str, name: str) -> Iterator[Peer]:
    """Of EclecticIQ, with its store in SQLite."""
    places = {part: f"sqlite:///{folder}/{part}.db" for part in ("auth", "data")}
    (folder / "opentaxii.yml").write_text(f"""
domain: "localhost"
support_basic_auth: yes
taxii1:
taxii2:
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "{places["data"]}", create_tables: yes}}
  title: "peer"
  public_discovery: true
  max_content_length: 9765625
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "{places["auth"]}", create_tables: yes, secret: "{"s" * 40}", token_ttl_secs: 3600}}
logging: {{opentaxii: warning, root: warning}}
""")
    environment = {**os.environ, "OPENTAXII_CONFIG": str(folder / "opentaxii.yml")}
    for command in (
        ["add-api-root", "--title", "peer", "--default", "--id", _ROOT],
        ["add-collection", "--rootid", _ROOT, "--title", "Peer", "--alias", "peer"],
        ["create-account", "--username", USER, "--password", PASSWORD, "--admin"],
    ):
        program = Path(python).with_name(f"opentaxii-{command[0]}")
        subprocess.run([program, *command[1:]], env=environment, check=True, capture_output=True)
    port = _free()
    serve = f"from opentaxii.cli import app; app.run(port={port}, threaded=True)"
    with _running([python, "-c", serve], port, folder, environment):
        yield Peer(name, f"http://127.0.0.1:{port}/taxii2/{_ROOT}/", "peer", PASSWORD)


@contextmanager
def stillwatch(folder: Path) -> Iterator[Peer]:
    """Of this tree."""
    (folder / "exchange.toml").write_text(_EXCHANGE)
    share, state = [sys.executable, "-m", "stillwatch", "share"], ["--state", str(folder)]
    made = subprocess.run([*share, "token", USER, *state, "--yes"], check=True, capture_output=True, text=True)
    port = _free()
    with _running([*share, "serve", *state, "--bind", f"127.0.0.1:{port}"], port, folder, keeps_folder=True):
        yield Peer("stillwatch", f"http://127.0.0.1:{port}/exchange/", COLLECTION, made.stdout.strip())


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _running(
    command: list[str],
    port: int,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    keeps_folder: bool = False,
) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=None if keeps_folder else folder, env=environment
    )  # fmt: skip
    try:
        until = time.monotonic() + _STARTS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"did not start: {' '.join(command)}") from None
                time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()
