"""The tables of the TAXII server, made where there are none. Instants are microseconds since 1970, UTC."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from stillwatch.errors import BadConfiguration
from stillwatch.stores import engine, shown, told

VERSION = 1  # of the tables below
_STARTS = 20  # tries to begin while others begin as well; SQLite does not wait when a journal's kind is changed

_tables = MetaData()
SCHEMA = Table("taxii_schema", _tables, Column("one", Integer, primary_key=True), Column("version", Integer))
COLLECTIONS = Table(
    "taxii_collections",
    _tables,
    Column("collection", String(36), primary_key=True),
    Column("last_added", BigInteger, nullable=False),  # the latest ever given out, deleted objects' as well
)
OBJECTS = Table(
    "taxii_objects",
    _tables,
    Column("collection", String(36), primary_key=True),
    Column("added", BigInteger, primary_key=True, autoincrement=False),  # no two objects of a collection have the same
    Column("id", String(300), nullable=False),
    Column("type", String(250), nullable=False),
    Column("version", String(64), nullable=False),  # as instants.version writes it, so that it sorts
    Column("version_told", String(64), nullable=False),  # as the object has it
    Column("oldest", Integer, nullable=False),  # 1 for the first version of its id, 0 else
    Column("newest", Integer, nullable=False),  # and of the last
    Column("partner", String(64), nullable=False),  # who published it
    Column("digest", LargeBinary(32), nullable=False),  # of its content, to tell a repetition from a contradiction
    Column("bytes", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("collection", "id", "version"),
    Index("taxii_newest", "collection", "newest", "added"),
    Index("taxii_types", "collection", "type", "added"),
)
STATUSES = Table(
    "taxii_statuses",
    _tables,
    Column("status", String(36), primary_key=True),
    Column("partner", String(64), nullable=False),
    Column("collection", String(36), nullable=False),
    Column("at", BigInteger, nullable=False),  # when it was asked
    Column("done", BigInteger),  # when the last of it was; null until then
    Index("taxii_statuses_done", "done"),
)
RECEIVED = Table(
    "taxii_received",
    _tables,
    Column("status", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("outcome", String(8), nullable=False),  # pending, success or failure
    Column("message", Text, nullable=False),
    Column("body", LargeBinary),  # while it is pending
    Index("taxii_received_outcomes", "status", "outcome", "number"),
)
TOKENS = Table(
    "taxii_tokens",
    _tables,
    Column("digest", LargeBinary(32), primary_key=True),  # SHA-256 of 32 random bytes: nothing to guess from it
    Column("partner", String(64), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)


def opened(where: str | Path) -> Engine:
    """The store at a path or URL, its tables made where there are none. What is there and is none is an error."""
    store = engine(where)
    with told(store):
        _made(store)
    return store


def _made(store: Engine) -> None:
    for tried in range(1, _STARTS + 1):
        try:
            with store.begin() as connection:
                _tables_there(connection)
            break
        except DBAPIError as problem:
            said = str(problem.orig)
            others = isinstance(problem, IntegrityError) or "locked" in said or "already exists" in said
            if tried == _STARTS or not others:
                raise
            time.sleep(0.05 * tried)
    with store.connect() as connection:
        found = connection.execute(select(SCHEMA.c.version)).scalar_one()
    if found != VERSION:
        raise BadConfiguration(
            f"the store of objects has version {found} of its tables", shown(store.url),
            f"version {VERSION}, which this version of stillwatch reads and writes", "a store of its own for each",
        )  # fmt: skip


def _tables_there(connection: Connection) -> None:
    if not inspect(connection).has_table(SCHEMA.name):
        connection.execute(CreateTable(SCHEMA, if_not_exists=True))
    if connection.execute(select(SCHEMA.c.version)).first() is not None:
        return  # another version's tables are not touched
    for table in (COLLECTIONS, OBJECTS, STATUSES, RECEIVED, TOKENS):
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    connection.execute(insert(SCHEMA).values(one=1, version=VERSION))
