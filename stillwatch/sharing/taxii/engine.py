"""The door to the server's store: a SQLite file, or PostgreSQL by its URL; and what either says, as a person can use it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from stillwatch.errors import BadConfiguration, EngineMissing, StoreLocked

BUSY_SECONDS = 15  # that a writer waits for another: a chunk of objects takes a tenth of a second
_ALLOWED = "a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
_SERVER = "postgresql+psycopg"
_WAITED = "55P03"  # PostgreSQL's code of a lock that took longer than it may


def engine(where: str | Path) -> Engine:
    """SQLAlchemy's engine for a path or a URL. BadConfiguration where it is neither, EngineMissing without a driver."""
    url = _url(str(where))
    if url.drivername == "sqlite":
        _file(url)
        made = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(made, "connect", _on_sqlite)
        return made
    try:
        # Asked before each use whether it is still there: a server that was started again costs nobody an error.
        made = create_engine(url, connect_args={"connect_timeout": BUSY_SECONDS}, pool_pre_ping=True)
    except ImportError:
        raise EngineMissing(
            "the package psycopg is not installed",
            shown(url),
            "a driver for PostgreSQL",
            "pip install 'psycopg[binary]'",
        ) from None
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
        if "locked" in str(problem.orig) or getattr(problem.orig, "sqlstate", None) == _WAITED:
            raise StoreLocked(
                f"another process has held the store for {BUSY_SECONDS} seconds", where, "short writes", "try again"
            ) from None
        raise BadConfiguration(
            f"the store of objects cannot be used: {str(problem.orig).strip()}", where, _ALLOWED,
            "a damaged file is not written to; put a copy in its place, or `sqlite3 FILE .recover`"
            if store.dialect.name == "sqlite"
            else "look whether the server answers there and takes this user",
        ) from None  # fmt: skip


def shown(url: URL) -> str:
    """An address as it may be told."""
    return url.database or "" if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def _url(text: str) -> URL:
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise BadConfiguration("this is no address of a store", "--store", _ALLOWED) from None
    url = url.set(drivername=_SERVER) if url.drivername == "postgresql" else url
    if url.drivername not in ("sqlite", _SERVER):
        raise BadConfiguration(f"no such store: {url.drivername}", "--store", _ALLOWED)
    return url


def _file(url: URL) -> None:
    """For its owner alone: what partners share is nobody else's business."""
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:":
        raise BadConfiguration("objects in memory would be forgotten", str(url), _ALLOWED)
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
    cursor.close()


def _on_postgresql(connection: Any, _: object) -> None:
    connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.execute("SET synchronous_commit = on")
    connection.commit()
