"""A Redis server on this machine, of Debian's package, on a socket in a folder of its own: it keeps nothing on the disk.

REDIS_SERVER=valkey-server has another program tried, by name or path.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_PROGRAM = shutil.which(os.environ.get("REDIS_SERVER", "redis-server"))
_STARTS = 10.0  # seconds, on a machine that is busy


def missing() -> str:
    """Why there is none; empty when there is."""
    return "" if _PROGRAM else "there is no redis-server: apt-get install redis-server"


class RedisHere:
    """May be killed, started again with nothing in it, and made to hang. `settings` are lines of its own file for them."""

    def __init__(self, settings: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))  # a socket's path has 107 characters at most
        self.url = f"unix://{self.folder}/s"
        (self.folder / "settings").write_text(settings)
        self.start()

    def start(self) -> None:
        assert _PROGRAM
        told = f"--port 0 --unixsocket {self.folder}/s --dir {self.folder} --save --appendonly no --loglevel warning"
        self._process = subprocess.Popen([_PROGRAM, self.folder / "settings", *told.split()], stdout=subprocess.DEVNULL)
        until = time.monotonic() + _STARTS
        while not self._answers():
            assert time.monotonic() < until and self._process.poll() is None, "the server did not start"
            time.sleep(0.01)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(f"{self.folder}/s")
                line.sendall(b"PING\r\n")
                return line.recv(7) in (b"+PONG\r\n", b"-NOAUTH")
        except OSError:
            return False


def wanted() -> bool:
    """Whether a test that needs one has to fail without."""
    return os.environ.get("CI") == "true"


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what goes on in the background."""
    async with asyncio.timeout(_STARTS):
        while not holds():
            await asyncio.sleep(0.005)
