"""The pathways there are: those that come with the package, under a provider's own file.

Every key of that file is checked; one that nobody reads would be a rule that somebody believes to be in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.toml_file import read_toml
from stillwatch.verification.outcome import STEPS
from stillwatch.verification.pathways.pathway import Kind, Pathway, Requirement

SHIPPED = Path(__file__).parents[2] / "data" / "pathways.toml"
NEXT = "docs/verification-pathways.md"
_KIND: dict[str, type] = {"step": str, "says": str, "valid_days": float, "reviewed": bool, "eligibility": bool}
_PATHWAY: dict[str, type] = {
    "about": str, "accounts_a_domain": int, "new_a_week": int, "domain_days": float, "ask_within_days": float,
    "appeal_days": float, "again": str, "withdrawal": str,
    "innocent": str,
}  # fmt: skip
_REQUIREMENT: dict[str, type] = {"any_of": list, "because": str, "needed": bool}
_OPTIONAL = {"reviewed", "eligibility", "needed"}

Document = dict[str, Any]


def load(path: Path | None = None) -> dict[str, Pathway]:
    """Every pathway by its name; `path` is a provider's TOML file over the shipped one."""
    shipped = _read(SHIPPED)
    if path is None:
        return _made(shipped, str(SHIPPED))
    return _made(_over(shipped, _read(path), str(path)), str(path))


def kinds_of(pathways: Mapping[str, Pathway]) -> dict[str, Kind]:
    """Every kind of fact that some pathway takes."""
    return {name: kind for one in pathways.values() for name, kind in one.kinds.items()}


def _read(path: Path) -> Document:
    return read_toml(path, "pathways not readable", "a TOML file", NEXT)


def _over(shipped: Document, given: Document, path: str) -> Document:
    made = {name: dict(section) for name, section in shipped.items()}
    for name, section in given.items():
        if name not in shipped:
            _wrong("no such pathway", f"{path}: {name}", sorted(shipped))
        _must_be(section, dict, f"{path}: {name}")
        if name == "kinds":
            made[name] = _entries(made[name], section, _KIND, f"{path}: kinds")
            continue
        changes = _checked(section, {**_PATHWAY, "requires": dict}, f"{path}: {name}")
        if "requires" in changes:
            where = f"{path}: {name}.requires"
            changes["requires"] = _entries(made[name]["requires"], changes["requires"], _REQUIREMENT, where)
        made[name] |= changes
    return made


def _entries(shipped: Document, given: Document, keys: dict[str, type], where: str) -> Document:
    """Named entries over others; a new one must be whole."""
    made = dict(shipped)
    for name, entry in given.items():
        _must_be(entry, dict, f"{where}.{name}")
        made[name] = {**made.get(name, {}), **_checked(entry, keys, f"{where}.{name}")}
        if lacking := sorted(set(keys) - _OPTIONAL - set(made[name])):
            _wrong(f"a new entry without {', '.join(lacking)}", f"{where}.{name}", sorted(keys))
    return made


def _checked(section: Document, keys: dict[str, type], where: str) -> Document:
    made = {}
    for name, value in section.items():
        if name not in keys:
            _wrong("no such key", f"{where}.{name}", sorted(keys))
        if keys[name] is float and type(value) is int:
            value = float(value)
        _must_be(value, keys[name], f"{where}.{name}")
        if keys[name] in (int, float) and not 0 <= value < float("inf"):
            _wrong(f"{value!r} is no number of days or accounts", f"{where}.{name}", ["0 or more"])
        made[name] = value
    return made


def _must_be(value: Any, kind: type, where: str) -> None:
    if type(value) is not kind:
        _wrong(f"{value!r} is not of the right type", where, [kind.__name__])


def _made(document: Document, path: str) -> dict[str, Pathway]:
    kinds = {name: Kind(name, **entry) for name, entry in document["kinds"].items()}
    for name, kind in kinds.items():
        if kind.step not in STEPS:
            _wrong(f"no such step: {kind.step!r}", f"{path}: kinds.{name}.step", STEPS)
    return {
        name: _pathway(name, section, kinds, f"{path}: {name}") for name, section in document.items() if name != "kinds"
    }


def _pathway(name: str, section: Document, kinds: dict[str, Kind], where: str) -> Pathway:
    requires = [
        _requirement(code, entry, kinds, f"{where}.requires.{code}")
        for code, entry in section["requires"].items()
        if entry.get("needed", True)
    ]
    if not any(all(not kind.eligibility for kind in one.any_of) for one in requires):
        _wrong(
            "nothing would have to be proved: all that is required can be read off a sign-up", f"{where}.requires",
            ["one requirement at least that no kind with `eligibility` answers; a mail domain is no proof"],
        )  # fmt: skip
    if section["again"] not in {one.code for one in requires}:
        _wrong(f"no requirement is called {section['again']!r}", f"{where}.again", [one.code for one in requires])
    return Pathway(name, requires=tuple(requires), **{key: section[key] for key in _PATHWAY})


def _requirement(code: str, entry: Document, kinds: dict[str, Kind], where: str) -> Requirement:
    names = entry["any_of"]
    if not names or any(name not in kinds for name in names):
        _wrong(f"{names!r} are no kinds of fact", f"{where}.any_of", sorted(kinds))
    return Requirement(code, tuple(kinds[name] for name in names), entry["because"])


def _wrong(what: str, where: str, allowed: Iterable[str]) -> None:
    raise BadConfiguration(what, where, ", ".join(allowed), NEXT)
