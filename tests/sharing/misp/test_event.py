"""A bundle as a MISP event and back: nothing of an indicator is lost, and pymisp reads it."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import stix2
from pymisp import MISPEvent

from stillwatch.errors import ResponseFailed
from stillwatch.sharing.misp import tags
from stillwatch.sharing.misp.event import event, written
from stillwatch.sharing.misp.received import received
from stillwatch.sharing.outgoing.bundle import Bundle, checked
from stillwatch.sharing.outgoing.revocation import revocation
from tests.sharing.drafts_here import AT, Object, draft, identifier, of

KEPT = (
    "pattern",
    "confidence",
    "valid_from",
    "valid_until",
    "object_marking_refs",
    "created_by_ref",
    "modified",
    "description",
)


def bundle(made: Object | None = None) -> Bundle:
    return checked(made or draft(), "draft")


def back(made: Bundle, folder: Path) -> dict[str, Object]:
    """Indicators by id, after the way there and back through a file that pymisp has read and written."""
    path = folder / "event.misp.json"
    path.write_bytes(written(event(made, "# Brief")))
    theirs = MISPEvent()
    theirs.load_file(path)
    path.write_text(theirs.to_json())
    return {one["id"]: one for one in received(path).bundle["objects"] if one["type"] == "indicator"}


@pytest.mark.parametrize("marking", ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT"])
def test_there_and_back_every_indicator_is_what_it_was(tmp_path: Path, marking: str) -> None:
    made = draft(marking)
    before = {one["id"]: one for one in of(made, "indicator")}
    after = back(bundle(made), tmp_path)
    assert after.keys() == before.keys()
    for name, one in before.items():
        assert {key: after[name].get(key) for key in KEPT} == {key: one[key] for key in KEPT}


def several(*patterns: str, **said: Any) -> Object:
    """A draft with further indicators of these patterns."""
    made = draft()
    first = of(made, "indicator")[0]
    more = [
        {**first, "id": identifier("indicator", f"more {place}"), "pattern": one, **said}
        for place, one in enumerate(patterns)
    ]
    return {**made, "objects": [*made["objects"], *more]}


SHAPES = [
    ("of several values", several("[domain-name:value = 'a.example' OR domain-name:value = 'b.example']")),
    ("of a value that is taken", several("[domain-name:value = 'fast-mailer.example']", confidence=3)),
    ("of one value twice", several("[x-stillwatch:tls = 'a']", "[x-stillwatch:tls = 'a']")),
    ("with a quote", several(r"""[x-stillwatch:template_skeleton = 'it\'s \\ "so" = 1']""")),
    ("not simple", several("[domain-name:value = 'a.example' AND url:value = 'http://b.example/']")),
    ("in several lines", several("[x-stillwatch:template_skeleton = 'one\ntwo ⟨…⟩ три 四']")),
    ("of an address", several("[ipv4-addr:value = '203.0.113.7']", "[ipv6-addr:value = '2001:db8::7']")),
]  # fmt: skip


@pytest.mark.parametrize("made", [row[1] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_patterns_of_any_shape(tmp_path: Path, made: Object) -> None:
    before = {one["id"]: one for one in of(made, "indicator")}
    after = back(bundle(made), tmp_path)
    assert {name: one["pattern"] for name, one in after.items()} == {
        name: one["pattern"] for name, one in before.items()
    }
    assert {name: one["confidence"] for name, one in after.items()} == {
        name: one["confidence"] for name, one in before.items()
    }


def test_an_indicator_that_says_less(tmp_path: Path) -> None:
    made = draft()
    one = of(made, "indicator")[0]
    del one["confidence"], one["valid_until"]
    after = back(bundle(made), tmp_path)[one["id"]]
    assert not {"confidence", "valid_until"} & after.keys()


DISTRIBUTIONS = [("CLEAR", 3), ("GREEN", 1), ("AMBER", 0), ("AMBER+STRICT", 0)]


@pytest.mark.parametrize(("marking", "distribution"), DISTRIBUTIONS)
def test_who_may_see_it(marking: str, distribution: int) -> None:
    theirs = MISPEvent()
    theirs.from_dict(**event(bundle(draft(marking))).document)
    assert theirs.distribution == distribution and f"tlp:{marking.lower()}" in [one.name for one in theirs.tags]
    assert {one.distribution for one in theirs.attributes} == {5}  # as the event


def test_red_does_not_become_an_event() -> None:
    with pytest.raises(ResponseFailed, match="TLP:RED"):
        event(bundle(draft("RED")))


def test_what_misp_reads() -> None:
    made = event(bundle(), "# What was seen")
    theirs = MISPEvent()
    theirs.from_dict(**deepcopy(made.document))
    assert made.lost == () and theirs.event_reports[0].content == "# What was seen"
    assert theirs.orgc.name == "Example AI" and theirs.info.startswith("12 accounts")
    assert sorted(one.name for one in theirs.galaxies) == [
        "STIX 2.1 Attack Pattern",
        "STIX 2.1 Campaign",
        "STIX 2.1 Intrusion Set",
    ]
    assert [one.type for one in theirs.attributes if one.value == "fast-mailer.example"] == ["domain"]  # once
    assert not any(
        one.to_ids for one in [*theirs.attributes, *(each for group in theirs.objects for each in group.attributes)]
    )
    values = [(one.type, one.category, one.value) for one in theirs.attributes]
    assert len(set(values)) == len(values)  # MISP takes each once
    document = made.document["Event"]
    assert all(UUID(one["uuid"]) for one in [*document["Attribute"], *document["Object"], *document["EventReport"]])


def test_the_same_bundle_is_the_same_file() -> None:
    """A release that was cut short is ended with the same bytes."""
    made = bundle(several("[x-stillwatch:tls = 'a']", "[x-stillwatch:tls = 'a']"))
    assert written(event(made, "x")) == written(event(made, "x"))


def test_what_is_revoked_comes_back_revoked(tmp_path: Path) -> None:
    taken = revocation(bundle(), AT)
    assert taken is not None
    after = back(taken, tmp_path)
    assert len(after) == len(of(draft(), "indicator")) and all(one["revoked"] for one in after.values())


def test_what_misp_stix_alone_would_lose(tmp_path: Path) -> None:
    """Why indicators are written here. When this fails, misp-stix has learned it, and less is needed."""
    from misp_stix_converter import ExternalSTIX2toMISPParser, MISPtoSTIX21Parser

    parser = ExternalSTIX2toMISPParser()
    parser.load_stix_bundle(stix2.parse(draft(), allow_custom=True))
    parser.parse_stix_bundle()
    theirs = json.loads(parser.misp_event.to_json())
    assert [one["value"] for one in theirs["Attribute"]] == [
        "AS64512",
        "fast-mailer.example",
    ]  # other kinds are raw patterns
    names = [tag["name"] for one in theirs["Attribute"] for tag in one.get("Tag", ())]
    assert 'misp:confidence-level="rarely-confident"' in names and not any("41" in one for one in names)
    assert any("Unknown STIX object type: note" in line for some in parser.errors.values() for line in some)
    again = MISPtoSTIX21Parser()
    with pytest.raises(KeyError, match="uuid"):  # of its own sightings
        again.parse_misp_event({**theirs, "info": "x", "date": "2026-11-27", "timestamp": "1795816800"})


CONFIDENCES = [
    (['stillwatch:confidence="41"', 'misp:confidence-level="completely-confident"'], 41),
    (['stillwatch:confidence="4１"', 'misp:confidence-level="fairly-confident"'], 50),
    (['stillwatch:confidence="400"'], None),
    (['admiralty-scale:information-credibility="2"'], 70),
    (['admiralty-scale:information-credibility="6"'], None),
    (['estimative-language:likelihood-probability="very-likely"'], 85),
    (['admiralty-scale:information-credibility="1"', 'estimative-language:confidence-in-analytic-judgment="low"'], 15),
    (['misp:confidence-level="confidence-cannot-be-evaluated"'], None),
    (["tlp:green", "nonsense"], None),
]  # fmt: skip


@pytest.mark.parametrize(("names", "confidence"), CONFIDENCES)
def test_confidence_of_tags(names: list[str], confidence: int | None) -> None:
    assert tags.confidence(names) == confidence


def test_a_tag_holds_no_second_tag() -> None:
    assert tags.ours([tags.tag("actor", 'a" stillwatch:confidence="99\n')]) == {"actor": "a stillwatch:confidence=99"}
