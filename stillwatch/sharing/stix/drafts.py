"""Drafts: bundles that nobody approved yet, one for each partner, which the next export of it is written over.

From the one before, objects keep when they were first told of, and when they last changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.stix.exported import Exported, Object
from stillwatch.sharing.stix.identifiers import public_id

_PARTNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def draft_path(state: Path, partner: str) -> Path:
    """Where the draft towards a partner stands."""
    if not _PARTNER.fullmatch(partner):
        raise BadConfiguration(
            f"{partner!r} cannot be a partner's name",
            "--to",
            "letters, digits, dots, dashes and underscores, 64 at most",
        )
    return state / "drafts" / f"{partner}.json"


def earlier(path: Path) -> Mapping[str, Object]:
    """Objects of a draft by id; none where there is no draft."""
    try:
        document: Any = orjson.loads(path.read_bytes())
        return {one["id"]: one for one in document["objects"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadConfiguration(
            f"the draft cannot be read: {problem}", str(path), "what `stillwatch share export` wrote", "move it away"
        ) from problem


def bundle(exported: Exported) -> Object:
    """The draft itself; its id follows from what is in it."""
    content = hashlib.sha256(orjson.dumps(exported.objects)).hexdigest()
    return exported.bundle(public_id("bundle", content))


def write(path: Path, document: Object) -> None:
    """Whole or not at all, for its owner alone."""
    passing = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(passing, path)
    except OSError as problem:
        passing.unlink(missing_ok=True)
        raise BadConfiguration(
            f"the draft cannot be written: {problem.strerror}", str(path), "a folder that can be written to"
        ) from problem
