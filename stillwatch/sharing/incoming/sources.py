"""Who tells us things, and how far each is believed: STATE/sources.toml, which people write.

    [ours]
    identities = ["identity--…"]     # under which we share: what comes back under them says nothing new
    shared = "sent"                  # folder of bundles that we sent; optional

    [sources.northwind]
    name = "Northwind AI"
    trust = 0.7                      # chance that a value it tells of is what it says, 0 to 1
    identities = ["identity--…"]     # under which it speaks itself; others that it passes on are passed on
    kinds = ["tls", "payment"]       # that it may speak of; all of KINDS when left out
    lifetime_days = 30               # of what it gives no end
    most_a_day = 2000                # indicators of it that are taken in a day
    keys = "northwind.keys.json"     # its public keys, from STATE on (signing/keys.py); optional
    signed = true                    # whether all that it tells must be signed by one of them
    compare = ["northwind-2026q4.key"]  # keys it gave us, to find what it tells hashed in our own log; optional

Trust is what people answer for: 0.9 for findings that we have seen made, 0.7 for a partner whose earlier ones held when we
looked into them, 0.4 for a feed that nobody looks into, 0 for one that is kept to be looked at and counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.incoming.kinds import LIFETIMES
from stillwatch.sharing.stix.checked import is_id
from stillwatch.toml_file import read_toml

FILE = "sources.toml"
MOST_TRUST = 0.95  # nobody is believed without any doubt: a partner may be mistaken, or somebody else in its name
LIFETIME_DAYS = 30.0  # of a source that says none
MOST_A_DAY = (
    10_000  # of a source that says none: a campaign of 24,000 accounts has a few thousand values that are shared
)
_TYPES: dict[str, tuple[type, ...]] = {
    "name": (str,), "trust": (float, int), "identities": (list,), "kinds": (list,), "lifetime_days": (float, int),
    "most_a_day": (int,), "keys": (str,), "signed": (bool,), "compare": (str, list),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One of them."""

    key: str  # what it is called on the command line
    name: str
    trust: float  # 0..MOST_TRUST
    kinds: frozenset[str]  # that it may speak of
    identities: frozenset[str] = frozenset()
    lifetime_days: float = LIFETIME_DAYS
    most_a_day: int = MOST_A_DAY
    keys: Path | None = None  # file of its public keys
    signed: bool = False  # nothing of it is taken without a signature
    compare: tuple[Path, ...] = ()  # files of keys that it hashes values for us under


@dataclass(frozen=True)
class Sources:
    """All of them, and ourselves."""

    known: dict[str, Source]
    ours: frozenset[str]  # identities under which we share
    shared: Path | None = None  # folder of bundles that we sent

    def one(self, key: str) -> Source:
        """By what it is called; an error names those that there are."""
        if key not in self.known:
            raise BadConfiguration(f"no source {key!r}", FILE, ", ".join(self.known) or "[sources.NAME] in that file")
        return self.known[key]


def load(state: Path) -> Sources:
    """Of STATE/sources.toml. BadConfiguration names what is wrong and where."""
    path = state / FILE
    told = read_toml(path, "sources cannot be read", "TOML with [sources.NAME] (docs/sharing-incoming.md)")
    if told.keys() - {"ours", "sources"} or not isinstance(told.get("sources", {}), dict):
        raise BadConfiguration("sources not understood", str(path), "[ours], [sources.NAME] and nothing else")
    ours = told.get("ours", {})
    place = f"{path}: ours"
    if not isinstance(ours, dict) or ours.keys() - {"identities", "shared"}:
        raise BadConfiguration("what is ours is not understood", place, "identities, shared")
    shared = ours.get("shared")
    if shared is not None and not isinstance(shared, str):
        raise BadConfiguration("shared is no folder", place, "the name of a folder, from STATE on")
    known = {key: _source(key, row, f"{path}: sources.{key}", state) for key, row in told.get("sources", {}).items()}
    return Sources(known, _identities(ours, place), None if shared is None else state / shared)


def _source(key: str, row: Any, where: str, state: Path) -> Source:
    if not isinstance(row, dict) or "trust" not in row:
        raise BadConfiguration("a source without trust", where, f"trust = 0 to {MOST_TRUST}")
    for name, value in row.items():
        if name not in _TYPES or not isinstance(value, _TYPES[name]) or isinstance(value, bool) != (name == "signed"):
            raise BadConfiguration(f"{name} is not known, or not of the right type", where, ", ".join(_TYPES))
    trust, days = float(row["trust"]), float(row.get("lifetime_days", LIFETIME_DAYS))
    if not 0.0 <= trust <= MOST_TRUST:
        raise BadConfiguration(f"trust {trust}", where, f"0 to {MOST_TRUST}")
    if not 0.0 < days <= 3650.0:
        raise BadConfiguration(f"lifetime_days {days}", where, "more than 0, at most 3650")
    if row.get("most_a_day", 1) < 0:
        raise BadConfiguration("most_a_day is negative", where, "0 or more")
    kinds = row.get("kinds", list(LIFETIMES))
    if unknown := [kind for kind in kinds if kind not in tuple(LIFETIMES)]:
        raise BadConfiguration(f"no such kind: {str(unknown[0])[:40]}", where, ", ".join(LIFETIMES))
    if row.get("signed") and "keys" not in row:
        raise BadConfiguration("signed, and no keys to tell by", where, 'keys = "FILE", a list of its public keys')
    return Source(
        key, row.get("name", key), trust, frozenset(kinds), _identities(row, where), days, row.get("most_a_day", MOST_A_DAY),
        state / row["keys"] if "keys" in row else None, row.get("signed", False), _compare(row, where, state),
    )  # fmt: skip


def _compare(row: dict[str, Any], where: str, state: Path) -> tuple[Path, ...]:
    given = row.get("compare", [])
    files = [given] if isinstance(given, str) else given
    if not all(isinstance(one, str) for one in files):
        raise BadConfiguration("compare is no list of files", where, '"FILE", or ["FILE", …], from STATE on')
    return tuple(state / one for one in files)


def _identities(row: dict[str, Any], where: str) -> frozenset[str]:
    given = row.get("identities", [])
    if not isinstance(given, list) or not all(is_id(one, ("identity",)) for one in given):
        raise BadConfiguration("identities are no list of ids", where, '["identity--UUID", …]')
    return frozenset(given)
