"""A PostgreSQL server on this machine, of Debian's package, on a free port of the loopback, its data in a folder of its own.

The server refuses to run as root: for root it runs as `postgres`, or as `nobody`. It asks for a password, and does not wait for
the disk: what a crash of the machine leaves is not what is tested here.
"""

from __future__ import annotations

import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

PASSWORD = "not to be told"  # in a URL its blanks are written %20
_STARTS = 30.0  # seconds, on a machine that is busy
_SETTINGS = "-c fsync=off -c shared_buffers=8MB -c max_connections=40 -c autovacuum=off -c log_min_messages=fatal"


def _program(name: str) -> str | None:
    """Where Debian puts it: in a folder of each version, and of these the newest."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda one: int(one.parts[4]), reverse=True)
    return shutil.which(name) or next(map(str, places), None)


_INITDB, _POSTGRES = _program("initdb"), _program("postgres")


def missing() -> str:
    """Why there is none; empty when there is."""
    if not (_INITDB and _POSTGRES):
        return "there is no PostgreSQL server: apt-get install postgresql"
    return "" if find_spec("psycopg") else "there is no psycopg: pip install 'stillwatch[postgres]'"


def wanted() -> bool:
    """Whether a test that needs one has to fail without."""
    return os.environ.get("CI") == "true"


class PostgresHere:
    """May be stopped, crashed, and started again with all that it had."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a socket's path has 107 characters at most
        self._as = _somebody()
        self._databases = itertools.count()
        told = self.folder / "password"
        told.write_text(PASSWORD)
        for path in (self.folder, told):
            if self._as:
                shutil.chown(path, *self._as)
        assert _INITDB
        how = f"-U owner -A scram-sha-256 --pwfile {told} --no-sync --no-locale -E UTF8 -D {self.folder}/data"
        subprocess.run([*self._command(_INITDB), *how.split()], check=True, stdout=subprocess.DEVNULL)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        assert _POSTGRES
        told = f"-D {self.folder}/data -k {self.folder} -h 127.0.0.1 -p {self.port} {_SETTINGS}"
        until = time.monotonic() + _STARTS
        while not self._started([*self._command(_POSTGRES), *told.split()], until):
            assert time.monotonic() < until, "the server did not start"  # the one before may still have its memory

    def stop(self) -> None:
        """At once, but in order: connections are ended, and nothing is lost."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Everything that it had in memory is gone."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def database(self) -> str:
        """The URL of a new one."""
        name = f"test_{next(self._databases)}"
        self.says(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str, user: str = "owner", password: str = PASSWORD) -> str:
        return f"postgresql+psycopg://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def says(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """What the server answers its owner."""
        import psycopg

        where = dict(host="127.0.0.1", port=self.port, user="owner", password=PASSWORD, dbname=database)
        with psycopg.connect(autocommit=True, **where) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def _started(self, command: list[str], until: float) -> bool:
        """Whether it answers; False when it ended by itself."""
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ready = self.folder / "data/postmaster.pid"
        while self._process.poll() is None and time.monotonic() < until:
            if ready.is_file() and re.search(r"^ready\s*$", ready.read_text(), re.M):
                return True
            time.sleep(0.02)
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait()

    def _command(self, program: str) -> list[str]:
        if not self._as:
            return [program]
        user, group = self._as
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--", program]


def _somebody() -> tuple[int, int] | None:
    """User and group that the server runs as; None for whoever runs the tests."""
    if os.geteuid():
        return None
    known = {one.pw_name: (one.pw_uid, one.pw_gid) for one in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]
