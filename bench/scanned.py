"""A made world, scanned, and each account's verdict beside what it really is: what the benches of detection start from."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.benchmark.measures.verdicts import verdicts
from stillwatch.config import Config
from stillwatch.run import Place, scan


def scanned(world: Path, log: Path) -> pa.Table:
    """Scan a log of the world into its `out`; one row an account (stillwatch.benchmark.measures.verdicts.VERDICTS)."""
    scan(Place(log, world / "out"), Config())
    return verdicts(
        pq.read_table(world / "labels/accounts.parquet"), pq.read_table(world / "out/accounts.parquet"), None
    )
