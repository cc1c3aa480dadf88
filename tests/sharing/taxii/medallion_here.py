"""medallion, a TAXII 2.1 server by others, as a process of this machine with an empty collection to read and write."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
USER, PASSWORD = "us", "secret-of-ours"
_STARTS = 30.0  # seconds
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


@contextmanager
def medallion(folder: Path, python: str = sys.executable) -> Iterator[str]:
    """The address of its API root."""
    (folder / "data.json").write_text(json.dumps(_DATA))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(folder / "data.json"),
    }
    told = {"backend": backend, "users": {USER: PASSWORD}, "taxii": {"max_page_size": 100}}
    (folder / "config.json").write_text(json.dumps(told))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [python, "-c", "from medallion.scripts.run import main; main()", "--port", str(port), str(folder / "config.json")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        until = time.monotonic() + _STARTS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < until, "medallion did not start"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/api/"
    finally:
        process.kill()
        process.wait()
