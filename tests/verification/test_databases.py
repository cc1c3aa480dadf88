"""Databases in MaxMind's format, in the layouts of several makers, written here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from stillwatch.errors import BadConfiguration
from stillwatch.verification.databases import Databases, Found
from stillwatch.verification.lists import Lists


def written(path: Path, records: dict[str, dict[str, Any]], kind: str = "Test") -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=kind, int_type="u32")
    for cidr, record in records.items():
        writer.insert_network(IPSet([cidr]), record)
    writer.to_db_file(str(path))
    return path


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"country": {"iso_code": "DE"}, "registered_country": {"iso_code": "US"}}, Found("DE", None, "")),
        ({"registered_country": {"iso_code": "US"}}, Found()),
        ({"autonomous_system_number": 64500, "autonomous_system_organization": "x"}, Found("", 64500, "")),
        ({"is_anonymous": True, "is_hosting_provider": True, "is_tor_exit_node": True}, Found("", None, "tor")),
        ({"is_anonymous": True, "is_residential_proxy": True}, Found("", None, "residential")),
        ({"is_public_proxy": True}, Found("", None, "proxy")),
        ({"is_anonymous_vpn": True, "is_hosting_provider": True}, Found("", None, "vpn")),
        ({"is_hosting_provider": True}, Found("", None, "hosting")),
        ({"traits": {"autonomous_system_number": 3, "is_anonymous_vpn": True}}, Found("", 3, "vpn")),
        ({"country_code": "fr", "asn": "AS64501"}, Found("FR", 64501, "")),
        ({"country": "JP"}, Found("JP", None, "")),
    ],
)
def test_layouts(tmp_path: Path, record: dict[str, Any], found: Found) -> None:
    path = written(tmp_path / "one.mmdb", {"192.0.2.0/24": record, "2001:db8::/32": record})
    databases = Databases((path,))
    assert databases.find("192.0.2.9") == databases.find("2001:db8::9") == found
    assert databases.find("198.51.100.1") == databases.find("no address") == Found()


def test_what_was_told_outranks_and_files_of_a_folder_are_found(tmp_path: Path) -> None:
    written(tmp_path / "a-country.mmdb", {"192.0.2.0/24": {"country": {"iso_code": "DE"}}}, "GeoLite2-Country")
    written(tmp_path / "b-asn.mmdb", {"192.0.2.0/24": {"autonomous_system_number": 16509}}, "GeoLite2-ASN")
    lists = Lists.load(tmp_path)
    assert lists.place("192.0.2.1") == Found("DE", 16509, "hosting")
    assert lists.place("192.0.2.1", "FR", 680) == Found("FR", 680, "education")
    assert {one.source for one in lists.sources() if one.name == "addresses"} == {
        "a-country.mmdb (GeoLite2-Country)",
        "b-asn.mmdb (GeoLite2-ASN)",
    }


def test_a_broken_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.mmdb").write_bytes(b"no database")
    with pytest.raises(BadConfiguration, match=r"broken\.mmdb"):
        Lists.load(tmp_path)
