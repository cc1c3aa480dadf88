"""Envoy, Traefik and nginx on this machine, set up as docs/guard-gateways.md says: its text is what they are started with."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from guard_placed import free_port

NAMES = ("envoy", "traefik", "nginx")
_PAGE = Path(__file__).parents[1] / "docs" / "guard-gateways.md"
_OWN = "9000"  # Traefik's entry point for itself
_PATH = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
)  # wheels bring Envoy and Traefik
_STARTS = 20.0  # seconds, on a machine that is busy
_PATIENCE = {"envoy": "0.3s", "traefik": "300ms", "nginx": "300ms"}  # in place of 3 s
_AROUND = """
pid {folder}/pid; error_log {folder}/error.log; daemon off; master_process off; events {{}}
http {{
    access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {server}
}}"""


def missing(name: str) -> str:
    """Why there is none; empty when there is."""
    if shutil.which(name, path=_PATH):
        return ""
    return f"there is no {name}: " + (
        "apt-get install nginx-light" if name == "nginx" else "make .venv/doors-installed"
    )


class Gateway:
    """One that asks `guard` and passes on to `model`, both addresses with a port; `changes` are made to its settings."""

    def __init__(
        self, name: str, folder: Path, guard: str, model: str, changes: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.name, self.port, self._folder = name, free_port(), folder
        folder.mkdir()
        ports = {"10000": self.port, "8080": _port(guard), "8000": _port(model), _OWN: free_port()}
        blocks = _blocks(name)
        for old, new in changes:
            assert any(old in block for block in blocks), old
            blocks = [block.replace(old, new) for block in blocks]
        blocks = [re.sub(rf"\b({'|'.join(ports)})\b", lambda found: str(ports[found[0]]), one) for one in blocks]
        self._start([block.replace("0.0.0.0", "127.0.0.1") for block in blocks])

    def ask(
        self, path: str, body: bytes = b"", *headers: tuple[str, str], key: str = "", source: str = "127.0.0.1"
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of the answer; path and headers are sent to the letter, from the address `source`."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_STARTS, source_address=(source, 0))
        try:
            line.putrequest("POST", path)
            own = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
            for name, value in [*own, *([("Authorization", f"Bearer {key}")] if key else []), *headers]:
                line.putheader(name, value)
            line.endheaders(body)
            answer = line.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            line.close()

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(_STARTS)

    def _start(self, blocks: list[str]) -> None:
        settings = self._folder / ("nginx.conf" if self.name == "nginx" else "settings.yaml")
        if self.name == "nginx":
            settings.write_text(_AROUND.format(folder=self._folder, server=blocks[0]))
            command = ["nginx", "-p", str(self._folder), "-c", str(settings)]
        elif self.name == "envoy":
            settings.write_text(blocks[0])
            command = ["envoy", "-c", str(settings), "--use-dynamic-base-id", "--concurrency", "1", "-l", "error"]
        else:
            routes = self._folder / "routes.yaml"
            routes.write_text(blocks[1])
            settings.write_text(blocks[0].replace("/etc/traefik/models.yaml", str(routes)))
            command = ["traefik", "--configfile", str(settings), "--global.checknewversion=false"]
        program = shutil.which(command[0], path=_PATH)
        assert program
        said = self._folder / "said"
        with said.open("wb") as out:
            self._process = subprocess.Popen([program, *command[1:]], stdout=out, stderr=out)
        until = time.monotonic() + _STARTS
        while not self._carries():
            assert time.monotonic() < until and self._process.poll() is None, said.read_text()
            time.sleep(0.02)

    def _carries(self) -> bool:
        """It listens, and knows its routes: Traefik says 404 before it does."""
        try:
            return self.ask("/there")[0] != 404
        except OSError:
            return False


def quickly(name: str) -> tuple[str, str]:
    """A change: less patience with the guard."""
    return "3s", _PATIENCE[name]


def _blocks(name: str) -> list[str]:
    """The settings that the page has for a gateway."""
    section = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", _PAGE.read_text(), re.MULTILINE | re.DOTALL | re.IGNORECASE)
    assert section, name
    return re.findall(r"^```\w+\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


class Silent:
    """Where a guard would be: it takes connections and says nothing."""

    def __enter__(self) -> str:
        self._socket = socket.create_server(("127.0.0.1", 0))
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._socket.close()
