"""The tables that cases are kept in, and the door to them: a SQLite file, or PostgreSQL by its URL.

Nothing is ever changed or deleted by us: a case is written once, and news of it is added. Times are seconds since 1970, UTC.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
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
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from stillwatch.errors import BadConfiguration, StoreLocked

VERSION = 1  # of the tables below
BUSY_SECONDS = 15  # that a writer waits for another: one commit takes milliseconds
_ALLOWED = "a SQLite file, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
_STARTS = 20  # tries to begin while others begin as well; SQLite does not wait when a journal's kind is changed

_tables = MetaData()
SCHEMA = Table("stillwatch_schema", _tables, Column("one", Integer, primary_key=True), Column("version", Integer))
CASES = Table(
    "cases",
    _tables,
    Column("case", String(64), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("steps", Text, nullable=False),  # with commas between
    Column("until", Double, nullable=False),
    Column("pathway", Text, nullable=False),
    Column("likelihood", Double),
    Column("why", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Index("cases_of_account", "account_id"),
    Index("cases_until", "until"),
)
EVENTS = Table(
    "events",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("vendor", String(64), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("at", Double, nullable=False),
    Column("case", String(64), ForeignKey("cases.case"), nullable=False),
    Column("step", String(32), nullable=False),
    Column("state", String(32), nullable=False),
    Column("session", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON list of kind and token
    Column("received_at", Double, nullable=False),
    UniqueConstraint("vendor", "event_id"),
    Index("events_of_case", "case"),
)


def opened(where: str | Path) -> Engine:
    """The store at a path or URL, its tables made where there are none. What is there and is none is an error."""
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        _file(url)
    try:
        engine = create_engine(
            url, connect_args={"timeout": BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {}
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as problem:
        raise BadConfiguration(f"no such store: {problem}", _shown(url), _ALLOWED) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepared)
    with told(engine):
        _made(engine)
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
            f"the store of cases cannot be used: {problem.orig}", where, _ALLOWED,
            "a damaged file is not written to; put a copy in its place, or `sqlite3 FILE .recover`",
        ) from None  # fmt: skip


def _url(where: str | Path) -> URL:
    text = str(where)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        return make_url(text)
    except ArgumentError:
        raise BadConfiguration("this is no address of a store", "--cases", _ALLOWED) from None


def _shown(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _file(url: URL) -> None:
    """For its owner alone: who is asked for what is nobody else's business."""
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:":
        raise BadConfiguration("cases in memory would be forgotten", str(url), _ALLOWED)
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


def _made(engine: Engine) -> None:
    for tried in range(1, _STARTS + 1):
        try:
            with engine.begin() as connection:
                _tables_there(connection)
            break
        except (OperationalError, IntegrityError) as problem:
            others = isinstance(problem, IntegrityError) or "locked" in str(problem.orig)
            if tried == _STARTS or not others:
                raise
            time.sleep(0.05 * tried)
    with engine.connect() as connection:
        version = connection.execute(select(SCHEMA.c.version)).scalar_one()
    if version != VERSION:
        raise BadConfiguration(
            f"the store of cases has version {version} of its tables", _shown(engine.url),
            f"version {VERSION}, which this version of stillwatch reads and writes", "a store of its own for each",
        )  # fmt: skip


def _tables_there(connection: Connection) -> None:
    connection.execute(CreateTable(SCHEMA, if_not_exists=True))
    if connection.execute(select(SCHEMA.c.version)).first() is not None:
        return  # another version's tables are not touched
    for table in (CASES, EVENTS):
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    connection.execute(insert(SCHEMA).values(one=1, version=VERSION))
