"""A guard in front of a model's server, each a process or thread of its own, and clients of both APIs."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anthropic
import begun
import openai
import orjson
from guard_files import files
from upstream_here import Upstream, served


@dataclass
class Placed:
    """A guard in front of a model's server, as the command starts it."""

    address: str
    inside: str  # address of its doors and pages
    upstream: Upstream
    folder: Path
    process: begun.Begun
    serves: str = ""  # address of the model's server
    said: list[str] = field(default_factory=list)

    def openai(self, key: str = "sk-honest", **settings: Any) -> openai.OpenAI:
        return openai.OpenAI(api_key=key, base_url=f"{self.address}/v1", max_retries=0, **settings)

    def anthropic(self, key: str = "sk-honest") -> anthropic.Anthropic:
        return anthropic.Anthropic(api_key=key, base_url=self.address, max_retries=0)

    def rows(self, of: str = "exchanges", wanted: int = 1) -> list[dict[str, Any]]:
        """Rows of the log, once there are as many."""
        for _ in range(100):
            paths = sorted((self.folder / "log" / of).glob("*.jsonl"))
            rows = [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]
            if len(rows) >= wanted:
                return rows
            time.sleep(0.05)
        raise AssertionError(f"{len(rows)} rows of {of}, not {wanted}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def guards(folder: Path) -> Iterator[Callable[..., Placed]]:
    """Starts guards with these rules in front of new servers, as the command does, and ends them."""
    running: list[Any] = []

    def put(
        *rules: dict[str, Any], backtested: bool = True, options: tuple[str, ...] = (), again: bool = False
    ) -> Placed:
        upstream = Upstream()
        server = served(upstream)
        address = server.__enter__()
        running.append(server)
        if not again:  # another guard over the same files
            files(folder, *rules, backtested=backtested)
        port, inside = free_port(), f"127.0.0.1:{free_port()}"
        process = begun.popen(
            begun.GUARD,
            [sys.executable, "-m", "stillwatch", "guard", "-u", address, "-p", folder / "policy.yaml", "-r", folder / "out",
             "--log", folder / "log", "--keys", folder / "keys.jsonl", "--port", str(port), "--inside", inside,
             *options],
        )  # fmt: skip
        running.append(process)
        placed = Placed(f"http://127.0.0.1:{port}", f"http://{inside}", upstream, folder, process, address)
        assert process.stderr is not None
        for line in process.stderr:
            placed.said.append(line)
            if line.startswith("listening"):
                break
        else:
            raise AssertionError("".join(placed.said))
        _until_it_answers(port)
        return placed

    yield put
    for one in reversed(running):
        if isinstance(one, begun.Begun):
            one.send_signal(signal.SIGINT)
            one.wait(20)
        else:
            one.__exit__(None, None, None)


def _until_it_answers(port: int) -> None:
    for _ in range(200):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
