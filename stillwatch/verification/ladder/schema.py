"""The tables that cases are kept in, made where there are none.

Nothing is ever changed or deleted by us: a case is written once, and news of it is added. Times are seconds since 1970, UTC.
"""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import (
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
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from stillwatch.errors import BadConfiguration
from stillwatch.stores import code, engine, shown, told

VERSION = 1  # of the tables below
_STARTS = 20  # tries to begin while others begin as well; SQLite does not wait when a journal's kind is changed
_THERE = ("42P07", "42710")  # PostgreSQL's codes of a table, or a name, that another has made in the meantime

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
            there = "already exists" in said or code(problem) in _THERE
            others = isinstance(problem, IntegrityError) or "locked" in said or there
            if tried == _STARTS or not others:
                raise
            time.sleep(0.05 * tried)
    with store.connect() as connection:
        version = connection.execute(select(SCHEMA.c.version)).scalar_one()
    if version != VERSION:
        raise BadConfiguration(
            f"the store of cases has version {version} of its tables", shown(store.url),
            f"version {VERSION}, which this version of stillwatch reads and writes", "a store of its own for each",
        )  # fmt: skip


def _tables_there(connection: Connection) -> None:
    """Looked for first: whoever may only read and add needs no right to make any."""
    if not inspect(connection).has_table(SCHEMA.name):
        connection.execute(CreateTable(SCHEMA, if_not_exists=True))
    if connection.execute(select(SCHEMA.c.version)).first() is not None:
        return  # another version's tables are not touched
    for table in (CASES, EVENTS):
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    connection.execute(insert(SCHEMA).values(one=1, version=VERSION))
