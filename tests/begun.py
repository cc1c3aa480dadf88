"""Processes of Python that begin with their imports done: forked from one that did them once, and else all their own.

What a guard or a watch imports takes seconds, and tests start a hundred of them. Commands are given as to subprocess.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

GUARD = ("stillwatch.cli", "stillwatch.guard.served", "stillwatch.guard.setup")
WATCH = ("stillwatch.cli", "stillwatch.run", "stillwatch.run.watching", "bench.killed_at", "ibis.backends.duckdb")
_LARGEST = 1 << 20  # bytes of a command with its environment


class Begun:
    """One that runs, with what subprocess.Popen has that tests ask for."""

    def __init__(
        self,
        imports: tuple[str, ...],
        command: Sequence[object],
        out: int,
        err: int,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._parent = _parent(imports)
        self.pid = self._parent.asked(
            {"run": [str(one) for one in command[1:]], "env": dict(env or os.environ)}, out, err
        )
        self._ended = os.pidfd_open(self.pid)
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None

    def poll(self) -> int | None:
        return self.returncode if self._over(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._over(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def communicate(self) -> tuple[str, str]:
        assert self.stdout is not None and self.stderr is not None
        return self.stdout.read(), self.stderr.read()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _over(self, seconds: float | None) -> bool:
        if self.returncode is None and select.select([self._ended], [], [], seconds)[0]:
            os.close(self._ended)
            self.returncode = os.waitstatus_to_exitcode(self._parent.asked({"wait": self.pid}))
        return self.returncode is not None


def popen(imports: tuple[str, ...], command: Sequence[object], env: Mapping[str, str] | None = None) -> Begun:
    """A process whose words are read while it runs."""
    ends = [os.pipe(), os.pipe()]
    process = Begun(imports, command, ends[0][1], ends[1][1], env)
    for _, written in ends:
        os.close(written)
    process.stdout, process.stderr = (os.fdopen(read, encoding="utf-8") for read, _ in ends)
    return process


def run(
    imports: tuple[str, ...], command: Sequence[object], env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A process that has ended, with all that it said."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        code = Begun(imports, command, out.fileno(), err.fileno(), env).wait()
        said = [(one.seek(0), one.read())[1] for one in (out, err)]
    return subprocess.CompletedProcess(command, code, *said)


class _Parent:
    """The process that all of these imports are forked from."""

    def __init__(self, imports: tuple[str, ...]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno()), *imports],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )

    def asked(self, what: dict[str, Any], *files: int) -> int:
        """What it answers, a number: the process, or the status that it ended with."""
        socket.send_fds(self._socket, [json.dumps(what).encode()], files)
        answer = self._socket.recv(_LARGEST)
        assert answer, "what the processes are forked from has ended"
        return int(answer)


_parent = cache(_Parent)  # ends with the tests, when its socket is closed


def _serve(asks: socket.socket) -> dict[str, Any] | None:
    """Fork one after the other; in each of them what it was asked to run, and None here in the end."""
    while True:
        said, files, _, _ = socket.recv_fds(asks, _LARGEST, 2)
        if not said:
            return None
        what: dict[str, Any] = json.loads(said)
        if "wait" in what:
            answer = os.waitpid(what["wait"], 0)[1]
        elif not (answer := os.fork()):
            for own, given in enumerate(files, 1):
                os.dup2(given, own)
                os.close(given)
            asks.close()
            return what
        for one in files:
            os.close(one)
        asks.send(b"%d" % answer)


def _become(command: list[str]) -> None:
    """Do as the interpreter does with these arguments: `-m` and a module, `-c` and a program, or a file."""
    if command[0] == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    elif command[0] == "-c":
        sys.argv = ["-c", *command[2:]]
        exec(compile(command[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = command
        sys.path[0] = str(Path(command[0]).parent)
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    sys.path.pop(0)
    sys.path.insert(0, "")
    for name in sys.argv[2:]:
        import_module(name)
    import_module("stillwatch.sha256").after_block(bytes(64))  # Numba makes itself ready with the first kernel
    if asked := _serve(socket.socket(fileno=int(sys.argv[1]))):
        os.environ.clear()
        os.environ.update(asked["env"])
        _become(asked["run"])
