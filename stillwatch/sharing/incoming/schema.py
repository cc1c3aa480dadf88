"""The tables that what was received is kept in, and the door to them: a SQLite file, or PostgreSQL by its URL.

Objects are written once, a row for each version of each source; `forget` takes rows away, and notes that it did. Times are
seconds since 1970, UTC.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError

from stillwatch.errors import BadConfiguration, StoreLocked

BUSY_SECONDS = 15  # that a writer waits for another: a bundle takes a second or two
_ALLOWED = "a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"

_tables = MetaData()
DOCUMENTS = Table(
    "received_documents",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", String(255), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of its bytes
    Column("name", Text, nullable=False),  # of the file, or the address it came from
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),  # who took it in
    Column("taken", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Index("received_documents_of_source", "source"),
)
OBJECTS = Table(
    "received_objects",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", String(255), nullable=False),
    Column("id", String(300), nullable=False),
    Column("version", Double, nullable=False),  # `modified`; 0 for objects without versions
    Column("type", String(255), nullable=False),
    Column("content", Text, nullable=False),  # JSON with sorted keys
    Column("document", Integer, ForeignKey("received_documents.number"), nullable=False),
    Column("at", Double, nullable=False),
    UniqueConstraint("source", "id", "version"),
    Index("received_objects_of_day", "source", "type", "at"),
)
DECISIONS = Table(
    "received_decisions",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(255), nullable=False),
    Column("value", Text, nullable=False),
    Column("said", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Double, nullable=False),
)
FORGOTTEN = Table(
    "received_forgotten",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False),  # source or id
    Column("objects", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Double, nullable=False),
)


def opened(where: str | Path) -> Engine:
    """The store at a path or URL, its tables made where there are none."""
    url = _url(where)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        _file(url)
    try:
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS} if sqlite else {})
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as problem:
        raise BadConfiguration(f"no such store: {problem}", _shown(url), _ALLOWED) from None
    if sqlite:
        event.listen(engine, "connect", _prepared)
    with told(engine):
        _tables.create_all(engine)
    return engine


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """What the database says, as an error that a person can put right. A row that is there already is none."""
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as problem:
        where = _shown(engine.url)
        if "locked" in str(problem.orig):
            raise StoreLocked(
                f"another process has held the store for {BUSY_SECONDS} seconds", where, "short writes", "try again"
            ) from None
        raise BadConfiguration(
            f"the store of what was received cannot be used: {problem.orig}", where, _ALLOWED,
            "a damaged file is not written to; put a copy in its place, or `sqlite3 FILE .recover`"
            if engine.dialect.name == "sqlite"
            else "look whether the server answers at that address",
        ) from None  # fmt: skip


def _url(where: str | Path) -> URL:
    text = str(where)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        return make_url(text)
    except ArgumentError:
        raise BadConfiguration("this is no address of a store", "--store", _ALLOWED) from None


def _shown(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _file(url: URL) -> None:
    """For its owner alone: what partners share is nobody else's business."""
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:":
        raise BadConfiguration("what was received would be forgotten", str(url), _ALLOWED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as problem:
        raise BadConfiguration(f"the store cannot be opened: {problem.strerror}", str(path), _ALLOWED) from None


def _prepared(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")  # readers never wait for a writer
    cursor.execute("PRAGMA synchronous = FULL")  # what was acknowledged outlasts a power cut, too
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
