"""What a guard is told of accounts that were asked: LOG_VERIFICATIONS, `verifications.jsonl` in the folder of its side tables.

`asked`, `failed`, `passed` and `waived` are what a case says. `overdue` and `lapsed` are said only while the row that limits or
suspends the account stands in the file of responses: the calendar alone limits nobody, and an undo is felt at once.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.config import Verification
from stillwatch.errors import ResponseFailed
from stillwatch.verification.ladder.case import Case
from stillwatch.verification.ladder.responses import Response, in_force
from stillwatch.verification.ladder.rungs import DAY

FILE = "verifications.jsonl"
_ACTED = {"limit": "overdue", "suspend": "lapsed"}  # what stands → what the guard is told
_HELPED = "helped"  # a victim, of whom nothing else is said


def standings(
    cases: Iterable[Case], written: Sequence[Response], now: float, settings: Verification
) -> list[dict[str, Any]]:
    """A row for each account with a case or a response, in order of accounts; of several cases the newest counts."""
    rows: dict[str, tuple[str, float, float | None]] = {}
    for case in sorted(cases, key=lambda one: (one.opened.at, one.opened.case)):
        end = case.opened.until + (settings.grace_days + settings.response_days) * DAY if case.open else None
        state = "asked" if case.open else case.state
        rows[case.opened.account_id] = state, case.opened.at if case.open else case.at, end
    standing = in_force(written, now)
    for what in (*_ACTED, "rotate_keys"):  # the later of these counts more
        for one in standing:
            if one.what == what:
                rows[one.account_id] = _ACTED.get(what, _HELPED), one.since, one.expires_at
    return [
        {"account_id": account, "step_up": state, "since": _instant(since), "expires_at": _instant(end)}
        for account, (state, since, end) in sorted(rows.items())
    ]


def write(folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Put the file in place at once: a guard reads the one before, or this one."""
    path, draft = folder / FILE, folder / f".{FILE}.{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(b"".join(orjson.dumps({k: v for k, v in row.items() if v is not None}) + b"\n" for row in rows))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ResponseFailed(f"the guard's file cannot be written: {problem.strerror}", str(path), "a folder") from None
    return path


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
