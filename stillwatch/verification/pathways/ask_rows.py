"""Who is asked again as rows: JSON lines or Parquet, and one document."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import BadConfiguration
from stillwatch.tables.column import BOOL, F64, INSTANT, TEXT
from stillwatch.verification.pathways.recheck import Asked, Rechecked

_REASON = pa.struct([pa.field(name, TEXT) for name in ("code", "text", "innocent_explanation")])
SCHEMA = pa.schema(
    [
        pa.field("account_id", TEXT),
        pa.field("step", TEXT),
        pa.field("why", TEXT),
        pa.field("likelihood", F64),
        pa.field("pathway", TEXT),
        pa.field("deadline", INSTANT),
        pa.field("gentle", BOOL),
        pa.field("after", TEXT),
        pa.field("reasons", pa.list_(_REASON)),
    ]
)


def row(asked: Asked) -> dict[str, Any]:
    """One account as a row; its deadline is an instant."""
    return {
        "account_id": asked.account_id,
        "step": asked.step,
        "why": asked.why,
        "likelihood": asked.likelihood,
        "pathway": asked.pathway,
        "deadline": datetime.fromtimestamp(asked.deadline, UTC).replace(microsecond=0),
        "gentle": asked.gentle,
        "after": asked.after,
        "reasons": [
            {"code": one.code, "text": one.text, "innocent_explanation": one.innocent} for one in asked.reasons
        ],
    }


def document(answer: Rechecked) -> dict[str, Any]:
    """The whole answer, plain."""
    return {
        "looked_at": answer.looked_at,
        "asked": [row(one) for one in answer.asked],
        "victims": list(answer.victims),
        "institutions": [asdict(one) for one in answer.institutions],
    }


def write(path: Path, answer: Rechecked) -> None:
    """The rows as a file, by its name: .parquet or .jsonl."""
    rows = [row(one) for one in answer.asked]
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, compression="zstd")
    elif path.suffix == ".jsonl":
        path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in rows))
    else:
        raise BadConfiguration("no form of rows that is known", str(path), ".jsonl or .parquet")
