"""Programs beside a benchmark: started, waited for until they answer, and ended."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_STARTS = 90.0  # seconds that a program may take to start: LiteLLM does


@contextlib.contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once its port is open."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, **quiet)  # type: ignore[call-overload]
    try:
        ends = time.monotonic() + _STARTS
        while time.monotonic() < ends:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """On the loopback."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def paced() -> Iterator[str]:
    """The address of bench.paced_streams, on the core that is not the proxy's."""
    port = free_port()
    with running(["taskset", "-c", "1", sys.executable, "-m", "bench.paced_streams", str(port)], port):
        yield f"http://127.0.0.1:{port}"


def key_in(folder: Path) -> Path:
    """A key of pseudonyms, made there when there is none."""
    path = folder / "guard.key"
    if not path.exists():
        path.write_text(os.urandom(32).hex())
        path.chmod(0o600)
    return path
