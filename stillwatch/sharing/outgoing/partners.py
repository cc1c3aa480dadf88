"""Who may get something, and whom they ask: STATE/partners.toml, which people write.

    [sender]
    contact = "Trust and safety of Example AI, share@example.com"

[partners.northwind]
name = "Northwind AI"
kind = "provider"                    # provider, cloud or authority
contact = "trust@northwind.example"
most = "TLP:AMBER+STRICT"            # the most restrictive marking that they may get; RED goes by no machine
organization = "Northwind AI, Inc."  # the one organisation that reads it; without it at most TLP:AMBER
taxii = "https://…/collections/…/"   # where to send by TAXII; optional
taxii_key = "/etc/…/northwind.key"   # file, mode 600, with NAME:SECRET for HTTP Basic, or a bearer token; optional
taxii_ca = "/etc/…/northwind.pem"    # authorities that vouch for their server, instead of the system's; optional
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.sharing import markings
from stillwatch.toml_file import read_toml

FILE = "partners.toml"
KINDS = ("provider", "cloud", "authority")
_NEEDED = ("name", "kind", "contact", "most")
_MAY = ("organization", "taxii", "taxii_key", "taxii_ca")


@dataclass(frozen=True)
class Partner:
    """One of them."""

    key: str  # what it is called on the command line
    name: str
    kind: str  # of KINDS
    contact: str
    most: str  # TLP
    organization: str = ""
    taxii: str = ""  # URL of a collection of theirs
    taxii_key: str = ""  # file with what opens it
    taxii_ca: str = ""  # file of authorities, PEM

    def refusal(self, marking: str) -> str:
        """Why a thing of this marking may not go to them; empty when it may."""
        if marking == markings.RED:
            return "TLP:RED is for people in one room: it goes by no machine"
        if markings.LEVELS.index(marking) > markings.LEVELS.index(self.most):
            return f"it is {marking}, and {self.name} may get {self.most} at most"
        if marking == markings.STRICT and not self.organization:
            return f"{marking} is for one named organisation, and {self.name} has no `organization`"
        return ""


def partners(state: Path) -> dict[str, Partner]:
    """All of them, by key."""
    rows = _read(state).get("partners", {})
    return {key: _partner(key, row, f"{state / FILE}: partners.{key}") for key, row in rows.items()}


def sender(state: Path) -> str:
    """Whom a reader of ours asks."""
    told = _read(state).get("sender")
    contact = told.get("contact") if isinstance(told, dict) else None
    if not isinstance(contact, str) or not contact.strip():
        raise BadConfiguration("nobody is named whom readers ask", str(state / FILE), '[sender] with contact = "…"')
    return contact


def _read(state: Path) -> dict[str, Any]:
    path = state / FILE
    told = read_toml(path, "partners cannot be read", "TOML with [partners.NAME] (docs/sharing-outgoing.md)")
    rows = told.get("partners", {})
    if not isinstance(rows, dict) or not told.keys() <= {"partners", "sender"}:
        raise BadConfiguration("partners not understood", str(path), "[sender] and [partners.NAME], and nothing else")
    return told


def partner(state: Path, key: str) -> Partner:
    """One of them; an error names those that there are."""
    known = partners(state)
    if key not in known:
        raise BadConfiguration(f"no partner {key!r}", str(state / FILE), ", ".join(known) or "a partner of that file")
    return known[key]


def _partner(key: str, row: Any, where: str) -> Partner:
    if not isinstance(row, dict) or not all(isinstance(one, str) and one.strip() for one in row.values()):
        raise BadConfiguration("a partner not understood", where, "texts alone, none of them empty")
    if missing := [name for name in _NEEDED if name not in row]:
        raise BadConfiguration(f"nothing is said of {', '.join(missing)}", where, ", ".join((*_NEEDED, *_MAY)))
    if unknown := row.keys() - {*_NEEDED, *_MAY}:
        raise BadConfiguration(f"unknown: {', '.join(sorted(unknown))}", where, ", ".join((*_NEEDED, *_MAY)))
    if row["kind"] not in KINDS:
        raise BadConfiguration(f"kind {row['kind']!r}", where, ", ".join(KINDS))
    most = markings.level(row["most"], f"{where}.most")
    if most == markings.RED:
        raise BadConfiguration(
            "a partner may get TLP:RED", where, ", ".join(markings.LEVELS[:-1]), "tell them in person"
        )
    return Partner(key, **{**row, "most": most})
