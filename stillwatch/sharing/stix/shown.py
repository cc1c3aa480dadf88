"""What the accounts of a result show, counted for one campaign: by whom a value is shown, and by how many others.

A campaign's own accounts are its harvesters and spares, less those of organisations that declared themselves. Its other members
(victims, carriers, unknown) are bystanders until somebody shows otherwise: they support nothing. Accounts of one organisation
count as one customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from stillwatch.errors import NothingToRead
from stillwatch.sharing.stix.kinds import NEVER, SHOWN, Kind

OWN_ROLES = ("harvester", "spare")
_NEEDED = ("accounts", "declared")
_IDENTIFIERS = {  # that must not stand in anything that leaves, by table
    "accounts": ("account_id", "organization_id"),
    "registered": ("email", "phone", "payment_fingerprint", "device_fingerprint", "signup_address", "signup_prefix"),
    "uses": ("address", "prefix", "api_key_id", "end_user_id", "session_id", "reasoning_signature"),
}


@dataclass(frozen=True)
class Value:
    """A value that accounts of the campaign show."""

    kind: Kind
    value: str
    accounts: int  # the campaign's own
    customers: int  # those, accounts of one organisation counted once
    elsewhere: int  # other campaigns' own
    outside: int  # everybody else's
    bystanders: int  # of its other members: victims, carriers, unknown
    population: int  # accounts that show any value of the kind
    first: datetime  # since when its own accounts were seen
    last: datetime

    @property
    def purity(self) -> float:
        """Share of the accounts that show it which are a campaign's own, 0..1."""
        return (self.accounts + self.elsewhere) / (self.accounts + self.elsewhere + self.outside)


class Result:
    """A result folder, looked at. To be closed."""

    def __init__(self, folder: Path, given: pa.Table | None = None) -> None:
        """`given`: account_id, kind, value of what was registered, as the log has it and not as pseudonyms."""
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        there = {path.stem: path for path in sorted((folder / "tables").glob("*.parquet"))}
        missing = [name for name in _NEEDED if name not in there]
        if missing or not (folder / "accounts.parquet").is_file():
            raise NothingToRead(
                "the result has no tables to count in", str(folder), "a folder that `stillwatch scan` wrote",
                f"missing: {', '.join(missing) or 'accounts.parquet'}",
            )  # fmt: skip
        for name, path in there.items():
            self._connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_quoted(path)})")
        self.tables = frozenset(there)
        self.given = given is not None
        if given is not None:
            self._connection.register("given", given)
        self._connection.execute(_STANDING.format(path=_quoted(folder / "accounts.parquet"), roles=_quoted(*OWN_ROLES)))

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def countable(self, kind: Kind) -> bool:
        """Whether the result has what a kind is counted in."""
        return self.given if kind.hashed else kind.reads in self.tables

    def values(self, campaign: str) -> list[Value]:
        """Every value of every kind that the campaign's own accounts show, those of most accounts first."""
        found: list[Value] = []
        for kind in SHOWN:
            if self.countable(kind):
                others = "NOT own" if kind.registered else "(campaign_id IS NULL OR declared)"
                sql = _VALUES.format(rows=kind.rows, others=others)
                found += [Value(kind, *row) for row in self._connection.execute(sql, {"campaign": campaign}).fetchall()]
        return found

    def own(self, campaign: str) -> list[tuple[str, str]]:
        """The campaign's own accounts and their roles."""
        sql = "SELECT account_id, role FROM standing WHERE own AND campaign_id = ? ORDER BY account_id"
        return self._connection.execute(sql, [campaign]).fetchall()

    def bystanders(self, campaign: str) -> tuple[int, int]:
        """Members that are victims, carriers or unknown; and members of organisations that declared themselves."""
        sql = (
            "SELECT count(*) FILTER (NOT declared), count(*) FILTER (declared) FROM standing "
            "WHERE campaign_id = ? AND NOT own"
        )
        row = self._connection.execute(sql, [campaign]).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def pathways(self, campaign: str) -> dict[str, float]:
        """Shares of the campaign's own accounts by how they came, 0..1."""
        sql = (
            "SELECT pathway, count(*)::DOUBLE / sum(count(*)) OVER () FROM standing JOIN accounts USING (account_id) "
            "WHERE own AND campaign_id = ? GROUP BY pathway"
        )
        return {name: share for name, share in self._connection.execute(sql, [campaign]).fetchall() if name}

    def networks(self, campaign: str) -> list[tuple[int, str, int]]:
        """ASN, class and customers of the networks of its own accounts; none where exchanges stayed in a cluster."""
        if "uses" not in self.tables:
            return []
        sql = (
            "SELECT asn, any_value(network), count(DISTINCT customer)::INT FROM uses JOIN standing USING (account_id) "
            "WHERE own AND campaign_id = ? AND asn IS NOT NULL AND network IS NOT NULL GROUP BY asn ORDER BY 3 DESC, 1"
        )
        return self._connection.execute(sql, [campaign]).fetchall()

    def never(self, campaign: str) -> list[tuple[str, int, str]]:
        """What is never sent: what it is, how many its own accounts have, and why."""
        found = []
        for what, table, rows, why in NEVER:
            if table in self.tables:
                sql = (
                    f"SELECT count(DISTINCT value) FROM ({rows}) JOIN standing USING (account_id) "
                    "WHERE own AND campaign_id = ?"
                )
                row = self._connection.execute(sql, [campaign]).fetchone()
                found.append((what, row[0] if row else 0, why))
        return found

    def templates(self) -> dict[str, dict[str, Any]]:
        """Fingerprints of templates, by id: field, shingles, usual_shingles."""
        if "templates" not in self.tables:
            return {}
        rows = self._connection.execute("SELECT template_id, field, shingles, usual_shingles FROM templates").fetchall()
        return {row[0]: {"field": row[1], "shingles": row[2], "usual_shingles": row[3]} for row in rows}

    def identifiers(self, words: Iterable[str]) -> set[str]:
        """Those of the words that are an identifier or a pseudonym of this result."""
        self._connection.register("words", pa.table({"word": pa.array(sorted(set(words)), pa.string())}))
        columns = [(table, column) for table, names in _IDENTIFIERS.items() if table in self.tables for column in names]
        there = " UNION ".join(
            f"SELECT word FROM words SEMI JOIN {table} ON word = {column}" for table, column in columns
        )
        known = {row[0] for row in self._connection.execute(there).fetchall()}
        self._connection.unregister("words")
        return known


_STANDING = """
CREATE TABLE standing AS
SELECT account_id, campaign_id, role, declared, customer,
    coalesce(campaign_id IS NOT NULL AND role IN ({roles}) AND NOT declared, FALSE) AS own, first_seen, last_seen
FROM (
    SELECT judged.account_id, judged.campaign_id, judged.role, seen.first_seen, seen.last_seen,
        coalesce(seen.organization_id, judged.account_id) AS customer,
        coalesce(seen.organization_id IN (SELECT id FROM declared), FALSE) AS declared
    FROM read_parquet({path}) AS judged LEFT JOIN accounts AS seen USING (account_id)
)
"""
_VALUES = """
WITH shows AS (SELECT DISTINCT account_id, value FROM ({rows}) WHERE value IS NOT NULL AND value <> ''),
counted AS (
    SELECT value,
        count(*) FILTER (own AND campaign_id = $campaign)::INT AS accounts,
        count(DISTINCT customer) FILTER (own AND campaign_id = $campaign)::INT AS customers,
        count(*) FILTER (own AND campaign_id <> $campaign)::INT AS elsewhere,
        count(*) FILTER ({others})::INT AS outside,
        count(*) FILTER (NOT own AND campaign_id = $campaign AND NOT declared)::INT AS bystanders,
        min(first_seen) FILTER (own AND campaign_id = $campaign) AS first,
        max(last_seen) FILTER (own AND campaign_id = $campaign) AS last
    FROM shows JOIN standing USING (account_id) GROUP BY value
)
SELECT value, accounts, customers, elsewhere, outside, bystanders,
    (SELECT count(DISTINCT account_id) FROM shows)::INT, first, last
FROM counted WHERE accounts > 0 ORDER BY accounts DESC, value
"""


def _quoted(*values: object) -> str:
    """SQL literals."""
    return ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
