"""What is believed as rows of LOG_INDICATORS, which `scan`, `watch`, `replay`, `guard` and `verify assess` read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.incoming.effective import LEAST, Believed
from stillwatch.sharing.incoming.hashed import Told
from stillwatch.tables import LOG_INDICATORS

_STRICTEST = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")


def rows(
    found: Iterable[Believed], markings: Mapping[str, str], ours: Mapping[Told, str] = MappingProxyType({})
) -> Iterator[dict[str, Any]]:
    """One for each witness of a value that is believed enough. `markings`: ids of marking definitions → TLP.

    `ours`: hashed values that our own log has (hashed.py), which stand as the log has them: a scan hashes both under its key.
    """
    for one in found:
        for witness in one.witnesses:
            sure = witness.believed * one.left
            if sure < LEAST:
                continue
            claim = witness.claim
            marked = {markings[mark] for mark in claim.marking if mark in markings}
            yield {
                "type": one.kind,
                "value": ours.get((claim.source.key, one.kind, one.value), one.value),
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


def write(path: Path, made: Iterable[Mapping[str, Any]], mode: int = 0o666) -> int:
    """Rows in a Parquet file, in place of what was there, in one step. How many there are. `mode`: as umask leaves it."""
    table = pa.Table.from_pylist(list(made), schema=LOG_INDICATORS.schema)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            pq.write_table(table, file)
        os.replace(draft, path)
    except OSError as problem:
        raise BadConfiguration(
            f"indicators cannot be written: {problem.strerror}", str(path), "a folder with room"
        ) from None
    return len(table)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
