"""Drafts: bundles that nobody approved yet, one for each partner, which the next export of it is written over.

From the one before, objects keep when they were first told of, and when they last changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.files import replace
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
    replace(path, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
