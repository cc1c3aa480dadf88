"""Which techniques of ATLAS a campaign shows, by what, and from which table."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from exports_here import NOW, accounts, campaign, written

from stillwatch.config import Config
from stillwatch.errors import BadConfiguration
from stillwatch.evidence import Campaign, Finding, Reason
from stillwatch.sharing.keys import PartnerKeys
from stillwatch.sharing.stix.atlas import SHIPPED, read, used
from stillwatch.sharing.stix.export import exported

ALWAYS = ["AML.T0024.002", "AML.T0024", "AML.T0040"]  # of whatever collects answers


def ids(one: Campaign, **pathways: float) -> list[str]:
    return [found.technique.id for found in used(read(), one, pathways)]


def plain(**other: object) -> Campaign:
    """Extraction and nothing else."""
    score = {"coordination": 0.9, "extraction": 0.6, "fraud": 0.0, "covertness": 0.9}
    found = {name: Finding(value, ["seen"], "So.") for name, value in score.items()}
    said: dict[str, object] = {"findings": found, "evidence": [], "elicitation": {}, "roles": {"harvester": 9}}
    return campaign(**{**said, **other})


@pytest.mark.parametrize(
    ("one", "pathways", "more"),
    [
        (plain(), {}, []),
        (plain(elicitation={"chain_of_thought": 0.5}), {}, ["AML.T0065"]),
        (plain(elicitation={"chain_of_thought": 0.05}), {}, []),
        (plain(evidence=[Reason("template_share", "", 4.0, "")]), {}, ["AML.T0065"]),
        (plain(evidence=[Reason("template_share", "", -4.0, "")]), {}, []),
        (plain(evidence=[Reason("signup_burst", "", 2.0, "")]), {}, ["AML.T0021"]),
        (plain(roles={"harvester": 9, "victim": 9}), {}, ["AML.T0012"]),
        (plain(roles={"harvester": 9, "victim": 2}), {}, []),
        (plain(), {"reseller": 0.8}, ["AML.T0008.005"]),
        (plain(), {"reseller": 0.2, "self_serve": 0.8}, []),
    ],
)
def test_findings_point_to_techniques(one: Campaign, pathways: dict[str, float], more: list[str]) -> None:
    assert ids(one, **pathways) == [*ALWAYS, *more]


def test_ids_are_those_that_atlas_makes() -> None:
    """UUIDv5 of the ATLAS id, in a namespace that spells its site."""
    table = read()
    namespace = uuid.UUID(bytes=b"atlas.mitre.org.")
    for kind, rows in (("attack-pattern", table.techniques), ("course-of-action", table.mitigations)):
        assert [one.stix for one in rows] == [f"{kind}--{uuid.uuid5(namespace, one.id)}" for one in rows]


def test_mitigations_are_against_techniques_of_the_table() -> None:
    table = read()
    known = {one.id for one in table.techniques}
    assert all(set(one.against) <= known and one.against for one in table.mitigations)


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "atlas.toml"
    text = (
        SHIPPED.read_text(encoding="utf-8").replace("Extract AI Model", "Extract a Model").replace('"5.6.1"', '"6.0"')
    )
    own.write_text(text, encoding="utf-8")
    out = written(tmp_path / "result", accounts(6))
    made = exported(out, None, "TLP:RED", PartnerKeys(b"k" * 32, "acme"), Config(), NOW, atlas=read(own))
    assert "Extract a Model" in [one["name"] for one in made.objects if one["type"] == "attack-pattern"]
    (told,) = (one for one in made.objects if one["type"] == "campaign")
    assert next(iter(told["extensions"].values()))["atlas"] == "6.0"
    assert told["external_references"][0]["external_id"] == "AML.CS0056"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('of = "role"', 'of = "star sign"', "star sign"),
        ('stix = "attack-pattern--3f5', 'stix = "malware--3f5', "attack-pattern"),
        ("[case_study]", "[case_studies]", "case_study"),
        ("version =", "version", "TOML"),
    ],
)
def test_what_is_wrong_with_it_is_said(tmp_path: Path, before: str, after: str, said: str) -> None:
    own = tmp_path / "atlas.toml"
    own.write_text(SHIPPED.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadConfiguration) as told:
        read(own)
    assert said in str(told.value) and str(own) in str(told.value)
