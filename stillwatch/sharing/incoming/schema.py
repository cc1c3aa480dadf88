"""The tables that what was received is kept in.

Objects are written once, a row for each version of each source; `forget` takes rows away, and notes that it did. Times are
seconds since 1970, UTC.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
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
)

from stillwatch import stores
from stillwatch.stores import versioned

VERSION = 1  # of the tables below
_tables = MetaData()
SCHEMA = versioned("received_schema", _tables)
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
    Column("signed_by", Text, nullable=False),  # ids of its signers' keys, blanks between them; empty when unsigned
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
    """The store at a path or URL, its tables made where there are none. What is there and is none is an error."""
    return stores.opened(where, SCHEMA, VERSION, (DOCUMENTS, OBJECTS, DECISIONS, FORGOTTEN))
