"""TLP 2.0: names as people write them, and the marking definitions as OASIS publishes them."""

from __future__ import annotations

import pytest

from stillwatch import tlp


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("amber+strict", "TLP:AMBER+STRICT"), ("TLP:Amber", "TLP:AMBER"), (" red ", "TLP:RED"), ("white", "TLP:CLEAR"),
        ("clear", "TLP:CLEAR"), ("amber strict", None), ("", None), ("purple", None),
    ],
)  # fmt: skip
def test_names(written: str, name: str | None) -> None:
    assert tlp.named(written) == name


@pytest.mark.parametrize("name", tlp.NAMES)
def test_a_marking_is_the_published_object(name: str) -> None:
    made = tlp.marking(name)
    assert tlp.MARKS[made["id"]] == name == made["name"]
    assert made["created"] == "2022-10-01T00:00:00.000Z" and "definition_type" not in made
    assert made["extensions"] == {
        "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
            "extension_type": "property-extension",
            "tlp_2_0": name.removeprefix("TLP:").lower(),
        }
    }


@pytest.mark.parametrize("name", tlp.NAMES)
def test_others_read_it(name: str) -> None:
    stix2 = pytest.importorskip("stix2")
    validator = pytest.importorskip("stix2validator")
    made = tlp.marking(name)
    assert stix2.parse(made, allow_custom=False)["id"] == made["id"]
    assert validator.validate_instance(made, validator.ValidationOptions(version="2.1")).is_valid


def test_marks_of_the_older_version_are_known() -> None:
    stix2 = pytest.importorskip("stix2")
    old = [stix2.TLP_WHITE, stix2.TLP_GREEN, stix2.TLP_AMBER, stix2.TLP_RED]
    assert [tlp.MARKS[one.id] for one in old] == ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:RED"]
