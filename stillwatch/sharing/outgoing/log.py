"""What was proposed, allowed, sent and taken back: STATE/log.jsonl, a chain of lines that says who, what, to whom, when.

Where a package stands follows from its lines and from nothing else. Names are as they were stated: nobody logs in here.

A line `releasing` is on the disk before the first byte leaves, and `released` only after the last one is where it was to go.
So nothing leaves without a line, and no line says that something left which did not. After a crash in between there is a
`releasing` without its end: then it *may* have left, and is taken as if it had until `share release` ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.chain import Chain, Entry, instant, seconds
from stillwatch.sharing.persons import same_person

FILE = "log.jsonl"
_ALWAYS = frozenset({"kind", "at", "package", "to", "who", "before"})
_LEAVING = _ALWAYS | {"how", "where", "files", "why"}
TELLS = {
    "proposed": _ALWAYS | {"marking", "objects", "until", "draft"},
    "approved": _ALWAYS | {"why"},
    "refused": _ALWAYS | {"why"},
    "releasing": _LEAVING,
    "released": _LEAVING,
    "withdrawn": _ALWAYS | {"why"},
    "revoking": _LEAVING,
    "revoked": _LEAVING,
}


@dataclass
class Leaving:
    """One way out, to one place: begun, ended, taken back."""

    how: str
    where: str
    ended: bool = False  # `released`: it is there
    revoked: bool = False  # and the revocation is there as well
    files: Mapping[str, str] = field(default_factory=dict)  # SHA-256 by name, of the last attempt


@dataclass
class Standing:
    """A package for one partner, as its lines leave it."""

    package: str  # digest of the bundle
    to: str
    proposed_by: str
    marking: str
    objects: int
    until: float  # seconds since 1970: then it lapses
    draft: str = ""  # name of the file that it came as
    approved_by: str = ""
    refused: bool = False
    withdrawn: bool = False
    leavings: dict[tuple[str, str], Leaving] = field(default_factory=dict)

    def state(self, now: float) -> str:
        """In one word."""
        left = list(self.leavings.values())
        if self.withdrawn:
            return "withdrawn" if all(one.revoked for one in left) else "withdrawing"
        if any(not one.ended for one in left):
            return "may have left"
        if left:
            return "released"
        if self.refused:
            return "refused"
        if now >= self.until:
            return "lapsed"
        return "approved" if self.approved_by else "proposed"


def chain(state: Path) -> Chain:
    """The file, as `stillwatch share` writes it."""
    return Chain(state / FILE, "the log of what was shared", "stillwatch share", TELLS)


def row(kind: str, package: str, to: str, who: str, at: float) -> dict[str, Any]:
    """What every line begins with, but for the hash of the one before."""
    return {"kind": kind, "at": instant(at), "package": package, "to": to, "who": who}


def standings(entries: Iterable[Entry], of: Chain) -> dict[tuple[str, str], Standing]:
    """Every package by (digest, partner); an error names the first line that cannot follow from those before it."""
    found: dict[tuple[str, str], Standing] = {}
    for number, entry in enumerate(entries, start=1):
        row = entry.row
        key = (str(row["package"]), str(row["to"]))
        try:
            if row["kind"] == "proposed":
                _propose(found, key, row)
            else:
                _go_on(found[key], row)
        except (KeyError, TypeError, ValueError) as problem:
            raise of.broken(number, f"{row['kind']} out of turn ({problem!r})") from None
    return found


def named(package: str, to: str, there: Mapping[tuple[str, str], Standing], state: Path) -> Standing:
    """The package that is meant: its digest or the beginning of it, and its partner where there are several."""
    begins = package.lower().removeprefix("sha256:")
    meant = [one for (whole, whom), one in there.items() if whole.startswith(begins) and to in ("", whom)]
    if len(begins) < 6 or not meant:
        known = (
            ", ".join(sorted({whole[:12] for whole, _ in there})[:8]) or "what stillwatch share propose has taken in"
        )
        raise BadConfiguration(
            f"no package {package!r}{f' for {to}' if to else ''}", str(state / FILE), known, "stillwatch share log"
        )
    if len(meant) > 1:
        raise BadConfiguration(
            f"{package!r} is several packages", str(state / FILE),
            ", ".join(f"{one.package[:12]} to {one.to}" for one in meant[:8]), "more of the digest, or --to PARTNER",
        )  # fmt: skip
    return meant[0]


def _propose(found: dict[tuple[str, str], Standing], key: tuple[str, str], row: Mapping[str, Any]) -> None:
    before = found.get(key)
    if before is not None and before.leavings:
        raise ValueError("it has left before")
    found[key] = Standing(
        *key, str(row["who"]), str(row["marking"]), int(row["objects"]), seconds(row["until"]), str(row["draft"])
    )


def _go_on(one: Standing, row: Mapping[str, Any]) -> None:
    match row["kind"]:
        case "approved":
            if same_person(row["who"], one.proposed_by):
                raise ValueError("approved by who proposed it")
            one.approved_by = row["who"]
        case "refused":
            one.refused, one.approved_by = True, ""
        case "withdrawn":
            one.withdrawn = True
        case "releasing":
            if not one.approved_by or one.withdrawn:
                raise ValueError("not approved")
            leaving = one.leavings.setdefault((row["how"], row["where"]), Leaving(row["how"], row["where"]))
            if leaving.ended:
                raise ValueError("it left this way before")
            leaving.files = row["files"]
        case "released":
            one.leavings[row["how"], row["where"]].ended = True
        case "revoking" | "revoked":
            leaving = one.leavings[row["how"], row["where"]]
            leaving.revoked = row["kind"] == "revoked"
