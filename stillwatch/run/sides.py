"""The side tables of a log, stored: accounts, releases, declared, indicators, evidence; empty when not given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.addresses import addresses_and_networks
from stillwatch.engines import Engine
from stillwatch.pseudonyms import ADDRESS, DEVICE, EMAIL, PAYMENT, PHONE, Pseudonyms
from stillwatch.registered import clean_accounts, clean_evidence, phone_digits
from stillwatch.run.passes import Passes
from stillwatch.run.rejected import Rejected
from stillwatch.signals import KnownClients

_TABLES = {
    "accounts": tables.LOG_ACCOUNTS,
    "releases": tables.LOG_RELEASES,
    "indicators": tables.LOG_INDICATORS,
    "declared": tables.LOG_DECLARED,
    "evidence": tables.LOG_EVIDENCE,
}
# Indicators whose values are direct identifiers, and the kind of pseudonym they are compared under.
_HASHED = {
    "ipv4-addr": ADDRESS,
    "ipv6-addr": ADDRESS,
    "email-addr": EMAIL,
    "payment": PAYMENT,
    "device": DEVICE,
    "phone": PHONE,
}


@dataclass(frozen=True)
class Sides:
    given: set[str]  # side tables that the log has
    clients: KnownClients  # agent clients that declared themselves


def store_sides(log: Passes, engine: Engine, keys: Pseudonyms, rejected: Rejected, now: datetime, past: bool) -> Sides:
    """Store every side table. `past`: the log is read as of `now`, so nothing later may be known of an account."""
    given = set()
    clients = KnownClients({})
    instant = pa.scalar(now, tables.INSTANT)
    for name, declared in _TABLES.items():
        table, rejects = log.table(name)
        rejected.add(rejects)
        if table is not None:
            given.add(name)
        table = declared.schema.empty_table() if table is None else table
        if name == "accounts":
            engine.put("registered", clean_accounts(_as_of(table, instant) if past else table, keys))
        elif name == "evidence":
            begun = table.filter(_by(table["timestamp"], instant)) if past else table
            engine.put("evidence", clean_evidence(begun, keys))
        elif name == "indicators":
            begun = table.filter(_by(table["valid_from"], instant))
            engine.put("indicators", _comparable(_unexpired(begun, "valid_until", instant), keys))
        elif name == "declared":
            standing = _unexpired(table, "expires_at", instant)
            engine.put("declared", standing)
            clients = _clients(standing)
        else:
            engine.put(name, table.filter(_by(table["released_at"], instant)) if past else table)
    return Sides(given, clients)


def clients_at(declared: pa.Table | None, instant: datetime) -> KnownClients:
    """Agent clients whose declaration stands at an instant."""
    table = _TABLES["declared"].schema.empty_table() if declared is None else declared
    return _clients(_unexpired(table, "expires_at", pa.scalar(instant, tables.INSTANT)))


def _clients(declared: pa.Table) -> KnownClients:
    agents = declared.filter(pc.equal(declared["kind"], "agent_client")).to_pylist()
    return KnownClients({row["id"]: row["owner"] or "declared client" for row in agents})


def _by(times: pa.ChunkedArray, instant: pa.Scalar) -> pa.ChunkedArray:
    """What had happened by then; without a time, nothing says that it came later."""
    return pc.fill_null(pc.less_equal(times, instant), True)


def _unexpired(table: pa.Table, column: str, instant: pa.Scalar) -> pa.Table:
    """A declaration or an indicator without an end stands."""
    return table.filter(pc.fill_null(pc.greater_equal(table[column], instant), True))


def _as_of(accounts: pa.Table, instant: pa.Scalar) -> pa.Table:
    """What the account table said at that instant, as far as its dates tell."""
    known = accounts.filter(_by(accounts["created_at"], instant))
    for column in ("closed_at", "banned_at"):
        later = pc.fill_null(pc.greater(known[column], instant), False)
        if column == "banned_at":
            place = known.schema.get_field_index("status")
            status = pc.if_else(later, pa.scalar("active"), known["status"])
            known = known.set_column(place, known.schema.field(place), status)
        place = known.schema.get_field_index(column)
        cut = pc.if_else(later, pa.scalar(None, tables.INSTANT), known[column])
        known = known.set_column(place, known.schema.field(place), cut)
    return known


def _comparable(indicators: pa.Table, keys: Pseudonyms) -> pa.Table:
    """Values spelled and replaced as our own, so that equal ones meet; others stay as they are."""
    kinds, given = indicators["type"].to_pylist(), indicators["value"].to_pylist()
    values = [compared(kind, value, keys) for kind, value in zip(kinds, given, strict=True)]
    place = indicators.schema.get_field_index("value")
    return indicators.set_column(place, indicators.schema.field(place), pa.array(values, pa.string()))


def compared(kind: str, value: str, keys: Pseudonyms) -> str:
    """The value of an indicator as stored tables have it (registered.py)."""
    hashed = _HASHED.get(kind)
    if hashed == ADDRESS:
        value = addresses_and_networks(pa.array([value]))[0][0].as_py()
    elif hashed == PHONE:
        value = phone_digits(value)
    elif hashed == EMAIL:
        value = value.strip().lower()
    elif kind == "domain-name":
        value = value.strip().strip(".").lower()
    return value if hashed is None else keys.token(hashed, value)
