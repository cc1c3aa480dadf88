"""What the provider has set up with vendors and issuers: one TOML file, with every secret in a file of its own (mode 600)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.toml_file import read_toml
from stillwatch.verification.organizations import KINDS, Issuer
from stillwatch.verification.vendors import ALL, Vendor
from stillwatch.verification.vendors.persona import Persona

_OF_VENDORS = {"secrets": list, "completed": str, "api_key": str, "template": str, "base_url": str}
_OF_ISSUERS = {
    "kind": str, "client_id": str, "client_secret": str, "address": str, "issuer": str, "members": dict,
}  # fmt: skip
_OF_ORGANIZATIONS = {"callback": str, "return_url": str, "issuers": dict}
_SECRET = "one secret as the vendor shows it, and nothing else"


@dataclass(frozen=True)
class Way:
    """What is needed to begin a session at a vendor."""

    key_file: Path | None
    template: str
    base_url: str

    def key(self, vendor: str) -> str:
        """The vendor's API key, read when it is needed."""
        if self.key_file is None:
            raise BadConfiguration("no API key", f"vendors.{vendor}.api_key", "a file with it, mode 600")
        return _secret(self.key_file)


@dataclass(frozen=True)
class Configured:
    """All of the file."""

    vendors: Mapping[str, Vendor] = field(default_factory=dict)
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    ways: Mapping[str, Way] = field(default_factory=dict)
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    callback: str = ""
    return_url: str = ""


def load(path: Path) -> Configured:
    """The file; BadConfiguration names what is wrong and where."""
    told = read_toml(path, "vendors not readable", "TOML, docs/verification-vendors.md")
    where, folder = str(path), path.parent
    whole = _checked(told, {"vendors": dict, "organizations": dict}, where)
    known = {one.name: one for one in ALL}
    vendors: dict[str, Vendor] = {}
    secrets, ways = {}, {}
    for name, settings in whole.get("vendors", {}).items():
        place = f"{where}: vendors.{name}"
        if name not in known:
            raise BadConfiguration("no such vendor", place, ", ".join(known))
        said = _checked(settings, _OF_VENDORS, place)
        if not said.get("secrets"):
            raise BadConfiguration("a vendor without a secret", place, 'secrets = ["FILE"], two while one is replaced')
        vendors[name] = _vendor(known[name], said, place)
        secrets[name] = [_secret(folder / _text(one, place)) for one in said["secrets"]]
        key_file = folder / said["api_key"] if "api_key" in said else None
        ways[name] = Way(key_file, said.get("template", ""), said.get("base_url", ""))
    organizations = _checked(whole.get("organizations", {}), _OF_ORGANIZATIONS, f"{where}: organizations")
    issuers = {
        name: _issuer(name, settings, folder, f"{where}: organizations.issuers.{name}")
        for name, settings in organizations.get("issuers", {}).items()
    }
    if issuers and not organizations.get("callback"):
        raise BadConfiguration(
            "issuers without a callback", f"{where}: organizations", 'callback = "https://…/v1/organizations/callback"'
        )
    callback, return_url = organizations.get("callback", ""), organizations.get("return_url", "")
    return Configured(vendors, secrets, ways, issuers, callback, return_url)


def _vendor(known: Vendor, said: Mapping[str, Any], place: str) -> Vendor:
    if "completed" not in said:
        return known
    if not isinstance(known, Persona) or said["completed"] not in ("pending", "passed"):
        raise BadConfiguration("completed is not understood", place, 'completed = "pending" or "passed", of persona')
    return Persona(completed=said["completed"])


def _issuer(name: str, settings: Any, folder: Path, place: str) -> Issuer:
    said = _checked(settings, _OF_ISSUERS, place)
    if "kind" not in said:
        raise BadConfiguration("an issuer without a kind", place, ", ".join(KINDS))
    members = {key: _text(value, place) for key, value in said.get("members", {}).items()}
    secret = _secret(folder / said["client_secret"]) if "client_secret" in said else ""
    return Issuer(
        name, said["kind"], said.get("client_id", ""), secret, said.get("address", ""), said.get("issuer", ""), members
    )


def _checked(told: Any, allowed: Mapping[str, type], place: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise BadConfiguration("a section was expected", place, ", ".join(allowed))
    for name, value in told.items():
        if name not in allowed:
            raise BadConfiguration("no such setting", f"{place}.{name}", ", ".join(allowed))
        if type(value) is not allowed[name]:
            raise BadConfiguration(f"{value!r} is not of the right type", f"{place}.{name}", allowed[name].__name__)
    return told


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise BadConfiguration(f"{value!r} is not of the right type", place, "text")
    return value


def _secret(path: Path) -> str:
    found = keyfiles.text(path, _SECRET).strip()
    if not found or any(one.isspace() for one in found):
        raise BadConfiguration("the file does not hold one secret", str(path), _SECRET)
    return found
