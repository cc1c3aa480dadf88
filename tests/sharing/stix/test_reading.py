"""What is taken of a bundle, what is set aside and why, and which documents are refused as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import NothingToRead
from stillwatch.readers.patterns import MOST_CHARACTERS
from stillwatch.render.visible import one_line
from stillwatch.sharing.stix.limits import LIMITS, Limits
from stillwatch.sharing.stix.reading import BadObject, Refused, checked, objects

AT = "2026-11-01T00:00:00.000Z"
PEER = "identity--7f3c1f0e-2b6c-4f0e-9d5b-0a1b2c3d4e5f"


def uuid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def indicator(number: int = 1, **more: Any) -> dict[str, Any]:
    made = {
        "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid(number)}", "created": AT, "modified": AT,
        "created_by_ref": PEER, "pattern": "[ipv4-addr:value = '203.0.113.7']", "pattern_type": "stix", "valid_from": AT,
    }  # fmt: skip
    return {name: value for name, value in {**made, **more}.items() if value is not None}


def relationship(source: str, target: str, **more: Any) -> dict[str, Any]:
    made = {
        "type": "relationship",
        "spec_version": "2.1",
        "id": f"relationship--{uuid(9)}",
        "created": AT,
        "modified": AT,
    }
    return {**made, "relationship_type": "indicates", "source_ref": source, "target_ref": target, **more}


def bundle(*given: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": f"bundle--{uuid(0)}", "objects": list(given)}).encode()


GOOD = indicator()
CAMPAIGN = f"campaign--{uuid(3)}"
DEEP: Any = "end"
for _ in range(30):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("text", "object: is no JSON object"),
        ({}, "type: is missing"),
        (indicator(type="indi cator"), "type: is missing, or no name"),
        ({"type": "bundle", "id": f"bundle--{uuid(2)}", "objects": [GOOD]}, "type: is a bundle inside"),
        (indicator(id=f"campaign--{uuid(2)}"), "id: is not of the form"),
        (indicator(id="indicator--1"), "id: is not of the form"),
        (indicator(id="indicator--" + "0" * 5000), "id: is not of the form"),
        (indicator(spec_version="3.0"), "spec_version: is neither"),
        (indicator(spec_version=["2.1"]), "spec_version: is neither"),
        (indicator(pattern=None), "pattern: is missing"),
        (indicator(pattern=""), "pattern: is no text of"),
        (indicator(pattern={"a": 1}), "pattern: is no text of"),
        (indicator(pattern="[a:b = '" + "x" * 2**20 + "']"), "text: is longer"),
        (indicator(created=None), "created: is missing"),
        (indicator(created="yesterday"), "created: is no timestamp"),
        (indicator(created="2026-11-01T00:00:00+01:00"), "created: is no timestamp"),
        (indicator(created="2026-02-30T00:00:00Z"), "created: is no timestamp"),
        (indicator(created="0001-01-01T00:00:00Z"), "created: is no timestamp"),
        (indicator(created=1e9), "created: is no timestamp"),
        (indicator(modified="2026-10-01T00:00:00Z"), "modified: is before created"),
        (indicator(valid_until=AT), "valid_until: is before valid_from"),
        (indicator(confidence=101), "confidence: is no whole number"),
        (indicator(confidence=True), "confidence: is no whole number"),
        (indicator(confidence=2**60), "number: is larger than JSON"),
        (indicator(confidence=float("nan")), "number: is not finite"),
        (indicator(revoked="yes"), "revoked: is neither"),
        (indicator(labels=[1]), "labels: is no list of texts"),
        (indicator(name=["a"]), "name: is no text of"),
        (indicator(name="n" * 1001), "name: is no text of"),
        (indicator(name="nul \x00"), "text: holds characters"),
        (indicator(name="half \ud800"), "text: holds characters"),
        (indicator(**{"x_\x00": 1}), "key: holds characters"),
        (indicator(**{"": 1}), "key: is empty"),
        (indicator(x_deep=[DEEP]), "nested deeper than"),  # of the whole document
        (indicator(created_by_ref=CAMPAIGN), "created_by_ref: refers to what is no id"),
        (indicator(object_marking_refs="marking"), "object_marking_refs: refers to"),
        (indicator(object_marking_refs=[]), "object_marking_refs: refers to"),
        (indicator(x_refs=[GOOD["id"]]), "reference: refers to the object itself"),
        (relationship(CAMPAIGN, CAMPAIGN), "target_ref: relates an object to itself"),
        (relationship(CAMPAIGN, "somewhere"), "target_ref: refers to what is no id"),
    ],
)  # fmt: skip
def test_a_bad_object_costs_the_good_ones_nothing(bad: Any, reason: str) -> None:
    good = indicator(7)
    try:
        read = objects(bundle(bad, good))
    except Refused as refused:
        assert reason in refused.what
        return
    assert read.objects == (good,)
    assert [one.place for one in read.rejected] == [0] and read.rejected[0].reason.startswith(reason)
    assert read.reasons == {read.rejected[0].reason: 1}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "no JSON"),
        (b"not JSON", "no JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (bundle(GOOD)[:-2], "no JSON"),
        (b'{"type": "bundle", "objects": [' + b"[" * 10_000, "nested deeper"),
        (b"[" * 1_000_000, "nested deeper"),
        (b'{"a":' * 300_000, "nested deeper"),
        (b"[]", "no STIX bundle"),
        (b"null", "no STIX bundle"),
        (b'"bundle"', "no STIX bundle"),
        (json.dumps(GOOD).encode(), "no STIX bundle"),
        (b'{"objects": []}', "no STIX bundle"),
        (b'{"type": "bundle", "type": "bundle", "objects": []}', "no STIX bundle"),
        (b'{"type": "bundle", "objects": {}}', "no list"),
        (b'{"type": "bundle", "objects": [' + b"0," * 20_000 + b"0]}", "more than 10,000 objects"),
        (b'{"type": "bundle", "objects": [' + b"{}," * 100_000 + b"0]}", "more than 50,000 values"),
        (b" " * 2_000_001, "larger than 2,000,000 bytes"),
        (b'{"type": "bundle", "objects": ["\x01"]}', "no JSON"),
    ],
)  # fmt: skip
def test_refused_as_a_whole(document: bytes, why: str) -> None:
    limits = Limits(bytes=2_000_000, objects=10_000, values=50_000)
    with pytest.raises(Refused) as caught:
        objects(document, limits)
    assert why in caught.value.what and caught.value.allowed and caught.value.exit_code == 11


def test_a_pattern_that_is_taken_is_read() -> None:
    assert LIMITS.pattern == MOST_CHARACTERS


def test_the_same_twice() -> None:
    newer = indicator(modified="2026-11-02T00:00:00Z", confidence=40)
    read = objects(bundle(GOOD, GOOD, newer))
    assert (read.objects, read.repeated, read.rejected) == ((GOOD, newer), 1, ())
    read = objects(bundle(GOOD, indicator(confidence=40), indicator(2)))
    assert read.objects == (indicator(2),) and read.reasons == {
        "id: stands with another content as well, in the same version": 2
    }


def test_a_key_that_stands_twice() -> None:
    text = json.dumps(indicator(2))
    twice = text[:-1] + ', "confidence": 1, "confidence": 99}'
    read = objects(bundle(GOOD).replace(b'"objects": [', f'"objects": [{twice}, '.encode()))
    assert read.objects == (GOOD,) and read.reasons == {"key: stands twice in one object": 1}


def test_numbers_that_grow_while_they_are_read() -> None:
    for number in ("1e999", "-1e999", "1" * 100_000, "NaN", "Infinity"):
        text = bundle(GOOD, indicator(2, x_n=7)).replace(b'"x_n": 7', f'"x_n": {number}'.encode())
        read = objects(text)
        assert read.objects == (GOOD,) and next(iter(read.reasons)).startswith("number: ")


def test_references_may_lead_nowhere_or_in_a_circle() -> None:
    a, b = (f"threat-actor--{uuid(n)}" for n in (4, 5))
    there, back = relationship(a, b), relationship(b, a, id=f"relationship--{uuid(10)}")
    itself = {"type": "identity", "id": PEER, "created": AT, "modified": AT, "name": "A peer", "created_by_ref": PEER}
    assert objects(bundle(there, back, itself)).objects == (there, back, itself)


def test_script_and_hidden_letters_in_names_are_text_and_are_shown_as_what_they_are() -> None:
    name = "<script>alert(1)</script> \u202eevil\u202c \u200b\x1b[2J {{7*7}} ${jndi:ldap://x}"
    (one,) = objects(bundle(indicator(name=name))).objects
    assert one["name"] == name
    shown = one_line(one["name"])
    assert "\u202e" not in shown and "\x1b" not in shown and "[U+202E]evil" in shown


def test_what_is_not_known_is_kept() -> None:
    foreign = indicator(
        x_opencti_score=80, x_mitre_is_subtechnique=False, labels=["<b>"],
        extensions={f"extension-definition--{uuid(6)}": {"extension_type": "property-extension", "anything": [1, None]}},
    )  # fmt: skip
    own = {"type": "x-acme-thing", "id": f"x-acme-thing--{uuid(8)}", "spec_version": "2.1", "any": {"a": [1]}}
    assert objects(bundle(foreign, own)).objects == (foreign, own)


def test_an_envelope_is_read_where_one_is_asked_for() -> None:
    envelope = json.dumps({"more": False, "objects": [GOOD]}).encode()
    assert objects(envelope, envelope=True).objects == (GOOD,)
    assert objects(b"{}", envelope=True).objects == ()
    with pytest.raises(Refused):
        objects(envelope)


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_bytes(
        b"\xef\xbb\xbf" + bundle(GOOD)
    )  # with a mark in front, as some editors write
    assert objects(tmp_path / "bundle.json").objects == (GOOD,)
    with pytest.raises(NothingToRead):
        objects(tmp_path / "nothing.json")


def test_what_the_library_of_others_makes_is_taken_whole() -> None:
    peer = stix2.Identity(id=PEER, name="A peer", identity_class="organization")
    made = stix2.Indicator(
        pattern="[ipv4-addr:value = '203.0.113.7']", pattern_type="stix", created_by_ref=PEER, confidence=70,
        object_marking_refs=[stix2.TLP_GREEN],
    )  # fmt: skip
    actor = stix2.ThreatActor(name="Somebody")
    tie = stix2.Relationship(made, "indicates", actor)
    seen = stix2.Sighting(made, where_sighted_refs=[peer], count=3)
    said = stix2.Opinion(opinion="disagree", object_refs=[made], created_by_ref=PEER)
    text = stix2.Bundle(peer, made, actor, tie, seen, said, stix2.IPv4Address(value="203.0.113.7")).serialize()
    read = objects(text.encode())
    assert len(read.objects) == 7 and not read.rejected
    assert stix2.parse({"type": "bundle", "id": f"bundle--{uuid(1)}", "objects": list(read.objects)})


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_ANY = st.recursive(
    _LEAVES, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=8), one, max_size=4)
)


@given(name=st.sampled_from([*GOOD, "labels", "object_marking_refs", "revoked", "x_any", "confidence"]), value=_ANY)
def test_any_value_in_any_place_is_taken_or_told(name: str, value: Any) -> None:
    try:
        checked({**GOOD, name: value})
    except BadObject as bad:
        assert bad.what and bad.why


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        objects(data)
    except Refused as refused:
        assert refused.what


@given(place=st.integers(0, 400), byte=st.integers(0, 255))
def test_one_byte_changed(place: int, byte: int) -> None:
    data = bytearray(bundle(GOOD, indicator(2)))
    data[place % len(data)] = byte
    try:
        assert len(objects(bytes(data)).objects) <= 2
    except Refused as refused:
        assert refused.what
