"""Bundles as other programs write them: what their exports look like is taken, and what it says is understood."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stix2

from sharing.incoming.told_here import A, Told, at, made, relation
from stillwatch.sharing.stix.checked import checked


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path)
    yield found
    found.store.__exit__()


def indicator(name: str, pattern: str, /, **more: Any) -> dict[str, Any]:
    return made("indicator", name, pattern=pattern, pattern_type="stix", valid_from=at(-3.0), **more)


def test_as_opencti_exports(told: Told) -> None:
    """Custom properties on everything, TLP of STIX 2.1 itself, extensions, scores of their own."""
    extension = {"extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba": {
        "extension_type": "property-extension", "id": str(uuid.UUID(int=5)), "type": "Indicator",
    }}  # fmt: skip
    shown = indicator(
        "octi", "[ipv4-addr:value = '203.0.113.7']", confidence=85, name="203.0.113.7", pattern_version="2.1",
        x_opencti_score=80, x_opencti_detection=False, x_opencti_main_observable_type="IPv4-Addr", extensions=extension,
        object_marking_refs=[stix2.TLP_AMBER["id"]], external_references=[{"source_name": "x", "url": "https://x.example"}],
        lang="en", revoked=False, labels=["llm"], created_by_ref=A, valid_until=at(30.0),
    )  # fmt: skip
    owl = made("intrusion-set", "owl", name="Owl", aliases=["O"], x_opencti_files=[], created_by_ref=A)
    seen = {"type": "ipv4-addr", "spec_version": "2.1", "id": f"ipv4-addr--{uuid.UUID(int=6)}", "value": "203.0.113.7"}
    mark = stix2.TLP_AMBER["id"]
    marking = {"type": "marking-definition", "id": mark, "definition_type": "tlp", "definition": {"tlp": "amber"}}
    tied = relation(shown, "indicates", owl, start_time=at(-3.0), x_opencti_inferences=None, object_marking_refs=[mark])
    found = told("a", shown, owl, tied, seen, marking)
    assert found.refused == {} and found.new["indicator"] == 1
    (value,) = told.believed().values()
    assert (value.kind, value.value, value.witnesses[0].claim.actor) == ("ipv4-addr", "203.0.113.7", "Owl")


def test_as_misp_exports(told: Told) -> None:
    """A report or grouping that lists indicators, patterns with AND, to_ids labels, kill chains."""
    address = indicator(
        "misp", "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.8']",
        labels=['misp:type="ip-dst"', 'misp:to_ids="True"'], created_by_ref=A,
        kill_chain_phases=[{"kill_chain_name": "misp-category", "phase_name": "Network activity"}],
    )  # fmt: skip
    port = indicator(
        "port", "[(network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.9') "
        "AND network-traffic:dst_port = '443']",
    )  # fmt: skip
    hashes = indicator("hash", "[file:name = 'a' AND file:hashes.MD5 = 'b23c3e4d5f60718293a4b5c6d7e8f901']")
    domain = indicator("domain", "[domain-name:value = 'exit.example']")
    listed = [one["id"] for one in (address, port, hashes, domain)]
    event = made("grouping", "event", name="Event 7", context="suspicious-activity", object_refs=listed)
    found = told("a", address, port, hashes, domain, event)
    assert found.refused == {"pattern: is no simple one, [type:property = 'value' OR …]": 2}
    assert set(told.believed()) == {"203.0.113.8", "exit.example"}
    findings = {one.witnesses[0].claim.finding for one in told.believed().values()}
    assert findings == {f"a: {event['id']}"}  # found together


def test_what_stix2_makes_is_taken_whole(told: Told) -> None:
    peer = stix2.Identity(name="A peer", identity_class="organization", created=at(-2.0), modified=at(-2.0))
    when = {"created": at(-2.0), "modified": at(-2.0), "created_by_ref": peer}
    shown = [
        stix2.Indicator(pattern=f"[x-stillwatch:{kind} = '{kind} 1']", pattern_type="stix", valid_from=at(-2.0), **when)
        for kind in ("payment", "device", "client_build", "template")
    ]
    night = stix2.Campaign(name="Night shift", **when)
    tied = [stix2.Relationship(one, "indicates", night, created=at(-2.0), modified=at(-2.0)) for one in shown]
    given = [dict(one) for one in json.loads(stix2.Bundle(peer, night, *shown, *tied).serialize())["objects"]]
    for one in given:
        checked(one)
    assert told("a", *given).rejected == 0
    assert {one.witnesses[0].claim.actor for one in told.believed().values()} == {"Night shift"} and len(
        told.believed()
    ) == 4
