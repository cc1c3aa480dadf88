"""The tables of the TAXII server, made where there are none. Instants are microseconds since 1970, UTC."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from stillwatch import stores
from stillwatch.stores import versioned

VERSION = 1  # of the tables below

_tables = MetaData()
SCHEMA = versioned("taxii_schema", _tables)
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
    return stores.opened(where, SCHEMA, VERSION, (COLLECTIONS, OBJECTS, STATUSES, RECEIVED, TOKENS))
