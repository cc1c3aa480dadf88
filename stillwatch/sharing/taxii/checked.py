"""What an object needs so that it can be kept and found again; whether it is good STIX is for whoever reads it to say."""

from __future__ import annotations

import re
from typing import Any

from stillwatch.sharing.taxii.instants import NoInstant, version

_TYPE = re.compile(r"[a-z0-9][a-z0-9-]{1,249}", re.ASCII)
_ID = re.compile(
    r"[a-z0-9][a-z0-9-]{1,249}--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII
)
SPEC_VERSION = "2.1"  # the only one that is kept
_NOT_KEPT = ("bundle",)


class BadObject(ValueError):
    """Not an object that can be kept. `why` is for whoever sent it."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


def is_type(text: str) -> bool:
    return _TYPE.fullmatch(text) is not None


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def checked(one: dict[str, Any]) -> None:
    """BadObject for what is no STIX 2.1 object by its type, id, version of STIX and times."""
    kind, identifier = one.get("type"), one.get("id")
    if not isinstance(kind, str) or not is_type(kind) or kind in _NOT_KEPT:
        raise BadObject("type", "the name of a type of STIX objects was expected")
    if not isinstance(identifier, str) or not is_id(identifier) or identifier.rpartition("--")[0] != kind:
        raise BadObject("id", f"{kind}-- and a UUID were expected")
    for name in ("created", "modified"):
        if name in one:
            _instant(name, one[name])
    # Only observables may leave it out (STIX 2.1, 3.2); anything else without it is an object of STIX 2.0.
    spec = one.get("spec_version", SPEC_VERSION if "created" not in one else "2.0")
    if spec != SPEC_VERSION:
        raise BadObject("spec_version", f"only objects of STIX {SPEC_VERSION} are kept here")
    if "modified" in one and ("created" not in one or version(one["modified"]) < version(one["created"])):
        raise BadObject("modified", "an object is modified when it was created, or later")


def _instant(name: str, value: object) -> None:
    try:
        version(value if isinstance(value, str) else "")
    except NoInstant:
        raise BadObject(name, "an instant such as 2026-01-31T12:00:00.000Z was expected") from None
