"""Events that others made with pymisp, as indicators: what is taken, what is left and why."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import stix2
from hypothesis import given, settings
from hypothesis import strategies as st
from pymisp import MISPEvent, MISPObject

from stillwatch.errors import UnknownFormat
from stillwatch.readers.stix import compared
from stillwatch.sharing.misp import values
from stillwatch.sharing.misp.received import received, rows
from tests.sharing.share_here import share

JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"


def made(*attributes: tuple[str, str], tags: tuple[str, ...] = (), **said: Any) -> MISPEvent:
    """An event as an analyst makes one."""
    event = MISPEvent()
    maker = {"name": "CERT of somewhere", "uuid": "5f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"}
    event.from_dict(info="Proxies that resell access", date="2026-11-20", Orgc=maker)
    for one in tags:
        event.add_tag(one)
    for kind, value in attributes:
        event.add_attribute(kind, value, **{"to_ids": True, **said})
    return event


def found(event: MISPEvent | Any, folder: Path) -> tuple[list[tuple[str, str]], dict[str, int]]:
    path = folder / "event.json"
    path.write_text(
        json.dumps({"Event": json.loads(event.to_json())}) if isinstance(event, MISPEvent) else json.dumps(event)
    )
    told = received(path)
    stix2.parse(told.bundle, allow_custom=True)  # it is STIX to others
    return [(one["type"], one["value"]) for one in rows(told.bundle)], dict(told.aside)


TAKEN = [
    ("ip-src", "203.0.113.7", [("ipv4-addr", "203.0.113.7")]),
    ("ip-dst", "2001:DB8::7", [("ipv6-addr", "2001:db8::7")]),
    ("ip-dst|port", "203.0.113.7|443", [("ipv4-addr", "203.0.113.7")]),
    ("domain", "Fast-Mailer.Example.", [("domain-name", "fast-mailer.example")]),
    ("hostname", "api.proxy[.]example", [("domain-name", "api.proxy.example")]),
    ("domain|ip", "a.example|203.0.113.7", [("domain-name", "a.example"), ("ipv4-addr", "203.0.113.7")]),
    ("email-src", "Buyer@Proxy.example", [("email-addr", "buyer@proxy.example")]),
    ("phone-number", "+49 30 901820", [("phone", "+49 30 901820")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "expected"), TAKEN, ids=[row[0] for row in TAKEN])
def test_what_a_log_can_be_compared_with(
    tmp_path: Path, kind: str, value: str, expected: list[tuple[str, str]]
) -> None:
    assert found(made((kind, value)), tmp_path) == (expected, {})


LEFT = [
    (made(("md5", "5f2504e04f8911d39a0c0305e82c3301")), "of type md5, which no log shows"),
    (made(("ip-src", "203.0.113.7"), to_ids=False), "context: its maker says that machines are not to look for it"),
    (made(("ip-src", "203.0.113.7"), deleted=True), "deleted by its maker"),
    (made(("ip-src", "203.0.113.0/24")), "not one network address"),
    (made(("domain", "no domain")), "not a domain"),
]


@pytest.mark.parametrize(("event", "why"), LEFT, ids=[why for _, why in LEFT])
def test_what_is_left_says_why(tmp_path: Path, event: MISPEvent, why: str) -> None:
    assert found(event, tmp_path) == ([], {why: 1})


def with_actors(event: MISPEvent, *names: str) -> dict[str, Any]:
    clusters = [{"value": name} for name in names]
    return {"Event": {**json.loads(event.to_json()), "Galaxy": [{"type": "threat-actor", "GalaxyCluster": clusters}]}}


def test_marking_confidence_source_and_actor(tmp_path: Path) -> None:
    general = ("tlp:amber+strict", 'misp:confidence-level="usually-confident"')
    event = made(("domain", "a.example"), ("domain", "b.example"), tags=general)
    event.attributes[1].add_tag("tlp:green")
    event.attributes[1].add_tag('admiralty-scale:information-credibility="4"')
    found(with_actors(event, "Reseller 7"), tmp_path)
    first, second = rows(received(tmp_path / "event.json").bundle)
    shared = {
        "type": "domain-name", "actor": "Reseller 7", "valid_from": "2026-11-20T00:00:00.000Z", "valid_until": None,
        "source": "CERT of somewhere",
    }  # fmt: skip
    assert first.items() >= {"value": "a.example", "confidence": 75, "tlp": "TLP:AMBER+STRICT", **shared}.items()
    assert second.items() >= {"value": "b.example", "confidence": 30, "tlp": "TLP:GREEN", **shared}.items()


def test_of_two_actors_nobody_knows_whose_an_attribute_is(tmp_path: Path) -> None:
    found(with_actors(made(("domain", "a.example")), "Reseller 7", "Reseller 8"), tmp_path)
    assert [one["actor"] for one in rows(received(tmp_path / "event.json").bundle)] == [None]


def test_attributes_of_objects(tmp_path: Path) -> None:
    event = made()
    group = MISPObject("ja4-plus", standalone=False, strict=False)
    group.add_attribute("ja4-fingerprint", JA4, type="text", to_ids=True)
    pattern = MISPObject("stix2-pattern", strict=False)
    pattern.add_attribute("stix2-pattern", "[domain-name:value = 'c.example']", type="stix2-pattern", to_ids=True)
    event.add_object(group)
    event.add_object(pattern)
    assert found(event, tmp_path) == ([("tls", JA4), ("domain-name", "c.example")], {})


def test_several_events_of_one_file_and_an_attribute_twice(tmp_path: Path) -> None:
    one, other = (json.loads(made(("domain", name)).to_json()) for name in ("a.example", "b.example"))
    assert found({"response": [{"Event": one}, {"Event": other}, {"Event": one}]}, tmp_path)[0] == [
        ("domain-name", "a.example"), ("domain-name", "b.example"),
    ]  # fmt: skip


NO_EVENT = [
    {},
    [],
    "x",
    {"Event": []},
    {"response": "x"},
    {"Event": {"info": "x", "Attribute": {}}},
    {"type": "bundle", "objects": []},
]


@pytest.mark.parametrize("document", [one for one in NO_EVENT if one != []], ids=str)
def test_what_is_no_event(tmp_path: Path, document: Any) -> None:
    with pytest.raises(UnknownFormat):
        found(document, tmp_path)


NAMES = [
    "Event", "info", "Attribute", "Object", "Tag", "Galaxy", "type", "value", "uuid", "name", "Orgc", "to_ids", "timestamp",
    "GalaxyCluster",
]  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=10,
)


@given(ANYTHING, ANYTHING)
@settings(max_examples=60, deadline=None)
def test_any_json_is_an_event_or_an_error_that_says_so(
    tmp_path_factory: pytest.TempPathFactory, document: Any, value: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    attributes = [document, {"type": "domain", "value": value, "to_ids": True, "Tag": document, "uuid": value}]
    path.write_text(
        json.dumps({"Event": {"info": "x", "Attribute": [one for one in attributes if isinstance(one, dict)]}})
    )
    with suppress(UnknownFormat):
        received(path)


@given(
    st.sampled_from(["domain-name", "ipv4-addr", "template", "x"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
@settings(max_examples=60, deadline=None)
def test_a_pattern_says_what_it_was_made_of(kind: str, value: str) -> None:
    assert compared(values.pattern(kind, value)) == [(kind, value)]


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(
        json.dumps(
            {"Event": json.loads(made(("domain", "a.example"), ("md5", "5f" * 16), ("domain", "x x")).to_json())}
        )
    )
    done = share(
        "misp", "import", path, "--out", tmp_path / "out.json", "--rows", tmp_path / "indicators.jsonl", "--json"
    )
    assert done.code == 13 and "left: 1 attributes, of type md5, which no log shows" in done.err
    assert json.loads(done.out)["indicators"] == 1
    assert json.loads((tmp_path / "indicators.jsonl").read_text())["value"] == "a.example"
