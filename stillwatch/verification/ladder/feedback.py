"""What outcomes tell the rest: evidence that accounts share a person, a number or a refused document; and rows beside a log.

Scan and link read LOG_EVIDENCE. Sharing is no guilt: one person may have two accounts, and a company many. It is a tie,
weighed as any other by how few hold the value.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.verification.ladder.case import Case

# (step, state, kind of what was shown) → kind of evidence. What is not here is no tie: a country, a method, an issuer.
KINDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("identity", "passed"): {"document": "verified_identity", "person": "verified_identity"},
    ("identity", "failed"): {"document": "failed_document"},
    ("organization", "passed"): {"organization": "verified_organization"},
    ("phone", "passed"): {"phone": "verified_phone"},
    ("payment", "passed"): {"payment": "verified_payment"},
}


def evidence(cases: Iterable[Case]) -> Iterator[dict[str, Any]]:
    """Rows of LOG_EVIDENCE."""
    for case in cases:
        for step in case.steps:
            kinds = KINDS.get((step.step, step.state), {})
            for kind, value in step.facts:
                if kind in kinds and value:
                    yield {
                        "account_id": case.opened.account_id, "kind": kinds[kind], "value": value,
                        "timestamp": instant(step.at),
                    }  # fmt: skip


def add(folder: Path, name: str, rows: Sequence[dict[str, Any]], alike: Sequence[str]) -> int:
    """Add rows to NAME.jsonl, those that it has by the fields `alike` left out, the file put in place at once.

    Gives how many were added. Rows of others stay as they are, to the byte.
    """
    path, before = _there(folder, name)
    known = {_key(row, alike) for line in before.splitlines() if (row := _read(line)) is not None}
    added = [row for key, row in {_key(row, alike): row for row in rows}.items() if key not in known]
    if added:
        _put(path, before + b"".join(orjson.dumps(row) + b"\n" for row in added))
    return len(added)


def take(folder: Path, name: str, rows: Sequence[dict[str, Any]]) -> int:
    """Take lines out of NAME.jsonl that say exactly what these rows say. Gives how many; all others stay, to the byte."""
    path, before = _there(folder, name)
    lines = before.splitlines(keepends=True)
    kept = [line for line in lines if _read(line) not in rows]
    if len(kept) < len(lines):
        _put(path, b"".join(kept))
    return len(lines) - len(kept)


def _there(folder: Path, name: str) -> tuple[Path, bytes]:
    """The file, and what is in it; its last line ends."""
    path = folder / f"{name}.jsonl"
    if others := sorted(one.name for one in folder.glob(f"{name}.*") if one != path):
        raise BadConfiguration(
            f"there is {others[0]} already, and of several files one is read", str(folder), f"{name}.jsonl alone",
            f"write {others[0]} as JSON lines first, or give a folder of its own",
        )  # fmt: skip
    before = path.read_bytes() if path.is_file() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    return path, before


def _read(line: bytes) -> dict[str, Any] | None:
    """A row; None for one that readers set aside, which is not ours to judge."""
    try:
        row = orjson.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _key(row: dict[str, Any], alike: Sequence[str]) -> bytes:
    return orjson.dumps([row.get(field) for field in alike])


def _put(path: Path, text: bytes) -> None:
    """In place at once: whoever reads has the file before, or this one."""
    draft = path.parent / f".{path.name}.{secrets.token_hex(8)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ResponseFailed(f"{path.stem} cannot be written: {problem.strerror}", str(path), "a folder") from None


def instant(seconds: float) -> str:
    """As rows of a log have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
