"""The door to what is kept in tables: a SQLite file, or PostgreSQL by its URL; and what either says, with no password in it.

Cases of verification, what partners sent, and what the TAXII server holds: each has tables and a file of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from stillwatch.errors import BadConfiguration, EngineMissing, StoreLocked

BUSY_SECONDS = 15  # that a writer waits for another, or for a server to answer: one commit takes milliseconds
_ALLOWED = "a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
_ADDRESS = "the address of a store"
_SERVER = "postgresql+psycopg"
_SECRETS = ("password", "sslpassword")  # that a URL may have after its question mark as well
_STARTS = 20  # tries to begin while others begin as well; SQLite does not wait when a journal's kind is changed
_THERE = ("42P07", "42710")  # PostgreSQL's codes of a table, or a name, that another has made in the meantime
_WAITED = ("55P03", "57014")  # PostgreSQL's codes of a lock, or a statement, that took longer than it may
_NEXT = {
    "sqlite": "a damaged file is not written to; put a copy in its place, or `sqlite3 FILE .recover`",
    "refused": "a role that may SELECT and INSERT; and, where there are no tables yet, CREATE in the schema",
    "away": "look whether the server answers there, and takes this user; then try again: the same news twice is one",
}


def versioned(name: str, tables: MetaData) -> Table:
    """The table of one row that says which version of the others is there."""
    return Table(name, tables, Column("one", Integer, primary_key=True), Column("version", Integer))


def opened(where: str | Path, schema: Table, version: int, tables: Sequence[Table]) -> Engine:
    """The store at a path or URL, its tables made where there are none. What is there and is none is an error."""
    store = engine(where)
    with told(store):
        _made(store, schema, version, tables)
    return store


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


def _made(store: Engine, schema: Table, version: int, tables: Sequence[Table]) -> None:
    for tried in range(1, _STARTS + 1):
        try:
            with store.begin() as connection:
                _tables_there(connection, schema, version, tables)
            break
        except DBAPIError as problem:
            said = str(problem.orig)
            there = "already exists" in said or code(problem) in _THERE
            others = isinstance(problem, IntegrityError) or "locked" in said or there
            if tried == _STARTS or not others:
                raise
            time.sleep(0.05 * tried)
    with store.connect() as connection:
        found = connection.execute(select(schema.c.version)).scalar_one()
    if found != version:
        raise BadConfiguration(
            f"the store has version {found} of its tables", shown(store.url),
            f"version {version}, which this version of stillwatch reads and writes", "a store of its own for each",
        )  # fmt: skip


def _tables_there(connection: Connection, schema: Table, version: int, tables: Sequence[Table]) -> None:
    """Looked for first: whoever may only read and add needs no right to make any."""
    if not inspect(connection).has_table(schema.name):
        connection.execute(CreateTable(schema, if_not_exists=True))
    if connection.execute(select(schema.c.version)).first() is not None:
        return  # another version's tables are not touched
    for table in tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    connection.execute(insert(schema).values(one=1, version=version))
