"""What databases in MaxMind's format say of an address: its country, its autonomous system, and what hides behind it.

Fields are looked for where GeoLite2 and GeoIP2 have them (dev.maxmind.com/geoip/docs/databases: Country, City, ASN,
Anonymous IP, Enterprise, the last with its traits one level down), and where other databases in the same format have theirs
(`country_code`, `asn`). Only `country` is read, never `registered_country`: where somebody is, not where a network is on
paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from stillwatch.errors import BadConfiguration, EngineMissing
from stillwatch.verification.source import Source

# Strongest claim first: a Tor exit is often in a data centre too.
_TRAITS = (
    ("is_tor_exit_node", "tor"),
    ("is_residential_proxy", "residential"),
    ("is_public_proxy", "proxy"),
    ("is_anonymous_vpn", "vpn"),
    ("is_hosting_provider", "hosting"),
)


class Found(NamedTuple):
    """Of one address. Empty or None is what no database knows."""

    country: str = ""
    asn: int | None = None
    network: str = ""


class Databases:
    """Opened databases; the first one that knows a fact tells it."""

    def __init__(self, paths: tuple[Path, ...] = ()) -> None:
        self._readers = [_opened(path) for path in paths]
        self.sources = [_source(path, reader) for path, reader in zip(paths, self._readers, strict=True)]

    def __bool__(self) -> bool:
        return bool(self._readers)

    def find(self, address: str) -> Found:
        """Facts of an address, in any spelling that is one; nothing of a value that is none."""
        country, asn, network = "", None, ""
        for reader in self._readers:
            try:
                record = reader.get(address)
            except ValueError:  # no address, or one of IPv6 in a database of IPv4 alone
                continue
            if isinstance(record, Mapping):
                country = country or _country(record)
                asn = _asn(record) if asn is None else asn
                network = network or _network(record)
        return Found(country, asn, network)


def _country(record: Mapping[str, Any]) -> str:
    told = record.get("country") or record.get("country_code")
    code = told.get("iso_code") if isinstance(told, Mapping) else told
    return code.upper() if isinstance(code, str) and len(code) == 2 else ""


def _asn(record: Mapping[str, Any]) -> int | None:
    traits = record.get("traits") or {}
    told = record.get("autonomous_system_number") or traits.get("autonomous_system_number") or record.get("asn")
    digits = str(told or "").upper().removeprefix("AS")
    return int(digits) if digits.isdecimal() else None


def _network(record: Mapping[str, Any]) -> str:
    traits = record.get("traits") or {}
    return next((name for field, name in _TRAITS if record.get(field) or traits.get(field)), "")


def _opened(path: Path) -> Any:
    try:
        import maxminddb
    except ImportError as problem:
        raise EngineMissing(
            "reading an address database needs maxminddb", str(path), "pip install stillwatch[verify]"
        ) from problem
    try:
        return maxminddb.open_database(str(path))
    except (OSError, ValueError, RuntimeError) as problem:  # InvalidDatabaseError is a RuntimeError
        raise BadConfiguration(
            f"the address database cannot be read: {problem}", str(path), "a file in MaxMind's format (.mmdb)"
        ) from problem


def _source(path: Path, reader: Any) -> Source:
    about = reader.metadata()
    date = datetime.fromtimestamp(about.build_epoch, UTC).strftime("%Y-%m-%d")
    return Source("addresses", f"{path.name} ({about.database_type})", date, about.node_count)
