"""What outcomes tell the rest: evidence that accounts share a person, a number or a refused document, and who declared itself.

Rows of LOG_EVIDENCE and LOG_DECLARED beside a log, which scan and link read. Sharing is no guilt: one person may have two
accounts, and a company many. It is a tie, weighed as any other by how few hold the value.
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
from stillwatch.verification.ladder.case import PROVIDER, Case

# (step, state, kind of what was shown) → kind of evidence. What is not here is no tie: a country, a method, an issuer.
KINDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("identity", "passed"): {"document": "verified_identity", "person": "verified_identity"},
    ("identity", "failed"): {"document": "failed_document"},
    ("organization", "passed"): {"organization": "verified_organization"},
    ("phone", "passed"): {"phone": "verified_phone"},
    ("payment", "passed"): {"payment": "verified_payment"},
}
DECLARED_DAYS = (
    400.0  # that a verified organisation counts as declared: it is asked again once a year, with a month to answer
)
_DAY = 86_400.0  # seconds


def evidence(cases: Iterable[Case]) -> Iterator[dict[str, Any]]:
    """Rows of LOG_EVIDENCE."""
    for case in cases:
        for step in case.steps:
            kinds = KINDS.get((step.step, step.state), {})
            for kind, value in step.facts:
                if kind in kinds and value:
                    yield {
                        "account_id": case.opened.account_id, "kind": kinds[kind], "value": value,
                        "timestamp": _instant(step.at),
                    }  # fmt: skip


def declared(cases: Iterable[Case], organizations: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Rows of LOG_DECLARED for organisations that were verified; `organizations` gives that of an account, by its own id."""
    latest: dict[str, tuple[float, str]] = {}
    for case in cases:
        for step in case.passed:
            organization = organizations.get(case.opened.account_id, "")
            shown = next((value for kind, value in step.facts if kind == "organization"), "")
            if step.step == "organization" and organization:
                latest[organization] = max(
                    latest.get(organization, (0.0, "")), (step.at, shown or step.vendor or PROVIDER)
                )
    for organization, (at, owner) in sorted(latest.items()):
        yield {
            "kind": "organization",
            "id": organization,
            "owner": owner,
            "expires_at": _instant(at + DECLARED_DAYS * _DAY),
        }


def add(folder: Path, name: str, rows: Sequence[dict[str, Any]], alike: Sequence[str]) -> int:
    """Add rows to NAME.jsonl, those that it has by the fields `alike` left out, the file put in place at once.

    Gives how many were added. Rows of others stay as they are, to the byte.
    """
    path = folder / f"{name}.jsonl"
    if others := sorted(one.name for one in folder.glob(f"{name}.*") if one != path):
        raise BadConfiguration(
            f"there is {others[0]} already, and of several files one is read", str(folder), f"{name}.jsonl alone",
            f"write {others[0]} as JSON lines first, or give a folder of its own",
        )  # fmt: skip
    before = path.read_bytes() if path.is_file() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    known = set()
    for line in before.splitlines():
        try:
            row = orjson.loads(line)
            known.add(tuple(row.get(field) for field in alike))
        except (ValueError, AttributeError):
            continue  # a row that readers set aside is not ours to judge
    new = {tuple(row.get(field) for field in alike): row for row in rows}
    added = [row for key, row in new.items() if key not in known]
    if not added:
        return 0
    draft = folder / f".{path.name}.{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(before + b"".join(orjson.dumps(row) + b"\n" for row in added))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ResponseFailed(f"{name} cannot be written: {problem.strerror}", str(path), "a folder") from None
    return len(added)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
