"""What is believed as rows of LOG_INDICATORS, which `scan`, `watch`, `replay`, `guard` and `verify assess` read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.incoming.effective import LEAST, Believed
from stillwatch.tables import LOG_INDICATORS

_STRICTEST = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")


def rows(found: Iterable[Believed], markings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One for each witness of a value that is believed enough. `markings`: ids of marking definitions → TLP."""
    for one in found:
        for witness in one.witnesses:
            sure = witness.believed * one.left
            if sure < LEAST:
                continue
            claim = witness.claim
            marked = {markings[mark] for mark in claim.marking if mark in markings}
            yield {
                "type": one.kind,
                "value": one.value,
                "actor": claim.actor or None,
                "confidence": max(1, round(100 * sure)),
                "valid_from": _time(claim.begins),
                "valid_until": _time(claim.ends),
                "source": " and ".join(witness.tellers),
                "tlp": next((mark for mark in _STRICTEST if mark in marked), None),
                "campaign": claim.finding or None,
                "origin": witness.origin,
                "trust": claim.source.trust,
                "first_seen": _time(claim.first_seen) if claim.first_seen else None,
            }


def write(path: Path, made: Iterable[Mapping[str, Any]]) -> int:
    """Rows in a Parquet file, in place of what was there, in one step. How many there are."""
    table = pa.Table.from_pylist(list(made), schema=LOG_INDICATORS.schema)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, draft)
        os.replace(draft, path)
    except OSError as problem:
        raise BadConfiguration(
            f"indicators cannot be written: {problem.strerror}", str(path), "a folder with room"
        ) from None
    return len(table)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
