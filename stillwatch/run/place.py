"""Where a run reads and writes, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

INPUTS = ("exchanges", "accounts", "releases", "declared", "indicators", "evidence")  # tables that are read


@dataclass(frozen=True)
class Place:
    log: Path | None  # log folder; None when every table is a table of the catalog
    out: Path
    key: Path | None = None  # key file; OUT.key beside the result folder when not given
    networks: Path | None = None  # folder of ASN lists
    as_of: datetime | None = None  # nothing later is read
    engine: str = "duckdb"
    tables: Mapping[str, str] = field(default_factory=dict)  # spark: input table → name in the catalog, or path
    format: str = "parquet"  # spark: what those paths hold
    write_to: str | None = None  # spark: database or path for tables; OUT/tables/spark when not given
