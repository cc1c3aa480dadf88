"""The door to what is kept in tables: a SQLite file, or PostgreSQL by its URL; and what either says, with no password in it.

Cases of verification, what partners sent, and what the TAXII server holds: each has tables and a file of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from stillwatch.errors import BadConfiguration, EngineMissing, StoreLocked

BUSY_SECONDS = 15  # that a writer waits for another, or for a server to answer: one commit takes milliseconds
_ALLOWED = "a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
_ADDRESS = "the address of a store"
_SERVER = "postgresql+psycopg"
_SECRETS = ("password", "sslpassword")  # that a URL may have after its question mark as well
_WAITED = ("55P03", "57014")  # PostgreSQL's codes of a lock, or a statement, that took longer than it may
_NEXT = {
    "sqlite": "a damaged file is not written to; put a copy in its place, or `sqlite3 FILE .recover`",
    "refused": "a role that may SELECT and INSERT; and, where there are no tables yet, CREATE in the schema",
    "away": "look whether the server answers there, and takes this user; then try again: the same news twice is one",
}


def engine(where: str | Path) -> Engine:
    """SQLAlchemy's engine for a path or a URL. BadConfiguration where that is neither, EngineMissing without a driver."""
    url = _url(where)
    if url.drivername == "sqlite":
        _file(url)
        made = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(made, "connect", _on_sqlite)
        return made
    waits = {} if "connect_timeout" in url.query else {"connect_timeout": BUSY_SECONDS}
    try:
        # Asked before each use whether it is still there: a server that was started again costs nobody an error.
        made = create_engine(url, connect_args=waits, pool_pre_ping=True)
    except ImportError:
        raise EngineMissing(
            "the package psycopg is not installed", shown(url), "the extra `postgres`",
            "pip install 'stillwatch[postgres]'",
        ) from None  # fmt: skip
    event.listen(made, "connect", _on_postgresql)
    return made


@contextmanager
def told(store: Engine) -> Iterator[None]:
    """What the database says, as an error that a person can put right. A row that is there already is none."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as problem:
        where = shown(store.url)
        if "locked" in str(problem.orig) or code(problem) in _WAITED:
            raise StoreLocked(
                f"another process has held the store for {BUSY_SECONDS} seconds", where, "short writes", "try again"
            ) from None
        away = "away" if isinstance(problem, OperationalError) else "refused"
        raise BadConfiguration(
            f"the store cannot be used: {' '.join(str(problem.orig).split())}", where, _ALLOWED,
            _NEXT["sqlite" if store.dialect.name == "sqlite" else away],
        ) from None  # fmt: skip


def code(problem: DBAPIError) -> str:
    """PostgreSQL's own code of an error, the same in every language; empty for others."""
    return getattr(problem.orig, "sqlstate", None) or ""


def shown(url: URL) -> str:
    """An address as it may be told."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.difference_update_query(_SECRETS).render_as_string(hide_password=True)


def _url(where: str | Path) -> URL:
    text = str(where)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # of a port that is no number
        raise BadConfiguration("this is no address of a store", _ADDRESS, _ALLOWED) from None
    if url.drivername == "postgresql":
        url = url.set(drivername=_SERVER)
    if url.drivername not in ("sqlite", _SERVER):
        raise BadConfiguration(f"no such store: {url.drivername}", _ADDRESS, _ALLOWED)
    if "@" in (url.host or ""):  # the end of a password, which would be told as a host
        raise BadConfiguration("an address with several @", _ADDRESS, _ALLOWED, "write an @ of a password as %40")
    return url


def _file(url: URL) -> None:
    """For its owner alone: who is asked for what, and what partners share, is nobody else's business."""
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:":
        raise BadConfiguration("what is kept in memory would be forgotten", str(url), _ALLOWED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as problem:
        raise BadConfiguration(f"the store cannot be opened: {problem.strerror}", str(path), _ALLOWED) from None


def _on_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")  # readers never wait for a writer
    cursor.execute("PRAGMA synchronous = FULL")  # what was acknowledged outlasts a power cut, too
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _on_postgresql(connection: Any, _: object) -> None:
    """The same two promises, where nobody has set them closer: a bound on waiting, and a commit that is on the disk."""
    for name, value, unset in (("lock_timeout", f"{BUSY_SECONDS}s", "0"), ("synchronous_commit", "on", "off")):
        connection.execute(
            "SELECT set_config(%s, %s, false) WHERE current_setting(%s) = %s", (name, value, name, unset)
        )
    connection.commit()
