"""The tables that cases are kept in, made where there are none.

Nothing is ever changed or deleted by us: a case is written once, and news of it is added. Times are seconds since 1970, UTC.
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
SCHEMA = versioned("stillwatch_schema", _tables)
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
    return stores.opened(where, SCHEMA, VERSION, (CASES, EVENTS))
