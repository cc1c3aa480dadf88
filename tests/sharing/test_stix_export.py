"""A scanned story as a bundle: valid to others' tools, read back by ours, the same twice, and naming nobody."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import Scanned
from exports_here import NOW, accounts, campaign, written

from stillwatch.config import Config, Reading, Sharing
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.readers import open_log
from stillwatch.readers.stix import compared
from stillwatch.sharing.keys import PartnerKeys
from stillwatch.sharing.stix import drafts
from stillwatch.sharing.stix.export import exported
from stillwatch.sharing.stix.exported import Exported, Object
from stillwatch.sharing.stix.given import given

AT = datetime(2026, 2, 20, tzinfo=UTC)
KEYS = PartnerKeys(b"s" * 32, "acme")
# Cards and devices of the story are shared by two or three accounts.
THREE = replace(Config(), sharing=Sharing(min_customers=3))


def export(ring: Scanned, config: Config = THREE, at: datetime = AT, **other: Any) -> Exported:
    said = {"campaigns": None, "marking": "TLP:AMBER+STRICT", "keys": KEYS, **other}
    return exported(ring.out, config=config, now=at, given=given(ring.log, Reading(), at), **said)


@pytest.fixture(scope="module")
def made(ring: Scanned) -> Exported:
    return export(ring)


def of(made: Exported, kind: str) -> list[Object]:
    return [one for one in made.objects if one["type"] == kind]


def test_others_find_the_bundle_valid(made: Exported) -> None:
    validator = pytest.importorskip("stix2validator")
    stix2 = pytest.importorskip("stix2")
    text = json.dumps(drafts.bundle(made))
    told = validator.validate_string(text, validator.ValidationOptions(version="2.1"))
    assert told.is_valid, told.errors
    assert stix2.parse(text)["type"] == "bundle"


def test_what_the_strict_validator_says_more(made: Exported) -> None:
    """UUIDv5 where it would have v4, and links to ATLAS without a hash of the page: both on purpose (docs/sharing-stix.md)."""
    validator = pytest.importorskip("stix2validator")
    text = json.dumps(drafts.bundle(made))
    told = validator.validate_string(text, validator.ValidationOptions(version="2.1", strict=True))
    assert {code for one in told.errors for code in re.findall(r"{(\d+)}", str(one))} == {"103", "302"}


def test_every_pattern_is_one(made: Exported) -> None:
    patterns = pytest.importorskip("stix2patterns.validator")
    assert [
        one["pattern"] for one in of(made, "indicator") if patterns.run_validator(one["pattern"], stix_version="2.1")
    ] == []


def test_our_own_reader_loses_no_indicator(made: Exported, tmp_path: Path) -> None:
    (tmp_path / "indicators.json").write_text(json.dumps(drafts.bundle(made)))
    table, rejects = open_log(tmp_path, Reading(), AT, needs_exchanges=False).table("indicators")
    assert rejects == [] and table is not None
    rows = table.to_pylist()
    wanted = Counter(pair for one in of(made, "indicator") for pair in compared(one["pattern"]))
    assert Counter((row["type"], row["value"]) for row in rows) == wanted
    assert {kind for kind, _ in wanted} == {
        "template", "template_skeleton", "domain-name", "email_pattern", "payment", "device",
    }  # fmt: skip
    (operator,) = of(made, "intrusion-set")
    assert {row["actor"] for row in rows} == {operator["name"]}
    assert {row["source"] for row in rows} == {Sharing().producer}
    assert {row["tlp"] for row in rows} == {"TLP:AMBER+STRICT"}
    assert all(
        row["valid_until"] - row["valid_from"] > timedelta(days=90) and 0 < row["confidence"] < 100 for row in rows
    )


def test_the_same_result_gives_the_same_bytes(ring: Scanned, made: Exported) -> None:
    assert json.dumps(drafts.bundle(made)) == json.dumps(drafts.bundle(export(ring)))


def test_told_again_only_what_changed_is_modified(ring: Scanned, made: Exported) -> None:
    told = {one["id"]: one for one in json.loads(json.dumps(made.objects))}
    day = AT + timedelta(days=1)
    again = export(ring, at=day, earlier=told)
    assert again.objects == made.objects
    shorter = replace(THREE, sharing=replace(THREE.sharing, lifetime_days=60.0))
    changed = export(ring, shorter, day, earlier=told)
    moved = {one["type"] for one in changed.objects if one != told[one["id"]]}
    assert moved == {"indicator"}
    assert {(one["created"], one["modified"]) for one in of(changed, "indicator")} == {
        ("2026-02-20T00:00:00.000Z", "2026-02-21T00:00:00.000Z")
    }


def test_two_partners_cannot_lay_side_by_side_what_they_got(ring: Scanned, made: Exported) -> None:
    other = export(ring, keys=PartnerKeys(b"s" * 32, "other"))
    public = {"marking-definition", "identity", "extension-definition", "attack-pattern", "course-of-action"}
    public |= {"autonomous-system", "domain-name"}  # the same for everybody by the standard
    common = {one["id"] for one in made.objects} & {one["id"] for one in other.objects}
    assert {one.split("--")[0] for one in common} == public
    hashed = [
        {one["pattern"] for one in of(each, "indicator") if "2026q1:" in one["pattern"]} for each in (made, other)
    ]
    assert hashed[0] and hashed[1] and not hashed[0] & hashed[1]


def test_nothing_that_leaves_names_anybody(ring: Scanned, made: Exported) -> None:
    """Every identifier of the log, and every pseudonym that the result has for one, looked for in the bytes."""
    text = json.dumps(drafts.bundle(made), ensure_ascii=False)
    registered = pq.read_table(ring.log / "accounts.parquet")
    sent = pq.read_table(ring.log / "exchanges/part-0.parquet")
    pseudonyms = pq.read_table(ring.out / "tables/registered.parquet")
    used = pq.read_table(ring.out / "tables/uses.parquet")
    columns = {
        **{f"registered {name}": registered[name] for name in registered.column_names if name in _DIRECT},
        **{f"sent {name}": sent[name] for name in sent.column_names if name in _DIRECT},
        **{f"pseudonym {name}": pseudonyms[name] for name in _TOKENS if name in pseudonyms.column_names},
        **{f"use {name}": used[name] for name in _TOKENS if name in used.column_names},
    }
    assert len(columns) >= 20
    values = {str(value) for column in columns.values() for value in column.unique().to_pylist() if value}
    assert len(values) > 5_000
    assert [value for value in values if value in text] == []
    assert not re.search(r"\bC-[0-9a-f]{8}\b", text), "a campaign's id, which is made of an account's"
    assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", text), "an IPv4 address"


_DIRECT = (
    "account_id", "organization_id", "email", "phone", "payment_fingerprint", "signup_ip", "device_fingerprint", "exchange_id",
    "client_ip",
)  # fmt: skip
_TOKENS = (
    "account_id", "organization_id", "email", "phone", "payment_fingerprint", "device_fingerprint", "signup_address",
    "signup_prefix", "exchange_id", "address", "prefix", "api_key_id", "end_user_id",
)  # fmt: skip


def test_observed_stands_apart_from_inferred(made: Exported) -> None:
    notes = {one["labels"][1]: one for one in of(made, "note") if one["labels"][0] == "observed"}
    opinions = {one["labels"][1]: one for one in of(made, "opinion")}
    assert set(opinions) == {"coordination", "extraction", "fraud", "covertness"} == set(notes)
    assert "30 of 30 members pay with a card" in notes["coordination"]["content"]
    assert "One operator" not in notes["coordination"]["content"]
    assert "One operator directs these accounts." in opinions["coordination"]["explanation"]
    assert "a family, or a company that pays for its staff" in opinions["coordination"]["explanation"]
    assert [opinions[name]["opinion"] for name in ("coordination", "fraud")] == ["strongly-agree", "neutral"]
    (hypothesis,) = of(made, "intrusion-set")
    (campaign,) = of(made, "campaign")
    assert "hypothesis" in hypothesis["labels"] and hypothesis["confidence"] <= campaign["confidence"] == 72


def test_relations_lead_somewhere_and_to_what_came_before(made: Exported) -> None:
    there: set[str] = set()
    for one in made.objects:
        refs = [one.get(name) for name in ("created_by_ref", "source_ref", "target_ref", "sighting_of_ref")]
        for name in ("object_refs", "object_marking_refs", "observed_data_refs", "where_sighted_refs"):
            refs += one.get(name, [])
        assert {ref for ref in refs if ref} <= there, one["type"]
        there.add(one["id"])
    told = {
        (one["source_ref"].split("--")[0], one["relationship_type"], one["target_ref"].split("--")[0])
        for one in of(made, "relationship")
    }
    assert told == {
        ("campaign", "attributed-to", "intrusion-set"), ("campaign", "uses", "attack-pattern"),
        ("course-of-action", "mitigates", "attack-pattern"), ("campaign", "uses", "infrastructure"),
        ("infrastructure", "consists-of", "autonomous-system"), ("indicator", "indicates", "campaign"),
        ("indicator", "indicates", "intrusion-set"),
    }  # fmt: skip


def test_counts_of_accounts_and_of_sightings(made: Exported) -> None:
    assert len(of(made, "user-account")) == 30
    assert {one["count"] for one in of(made, "sighting")} == {3, 30}
    assert [one["number_observed"] for one in of(made, "observed-data")] == [3_427]


def test_only_campaigns_that_were_asked_for(tmp_path: Path) -> None:
    told = [*accounts(6), *accounts(6, "b", campaign_id="C-2")]
    out = written(tmp_path, told, campaign(6), campaign(6, "C-2", name="the other"))
    made = exported(out, ["C-2"], "TLP:RED", KEYS, Config(), NOW)
    assert [one["name"] for one in of(made, "campaign")] == ["the other"] and made.campaigns == ("C-2",)
    with pytest.raises(BadConfiguration, match="C-1, C-2"):
        exported(out, ["C-3"], "TLP:RED", KEYS, Config(), NOW)
    with pytest.raises(BadConfiguration, match=r"TLP:AMBER\+STRICT"):
        exported(out, None, "TLP:PURPLE", KEYS, Config(), NOW)
    with pytest.raises(NothingToRead):
        exported(tmp_path, None, "TLP:RED", KEYS, Config(), NOW)


def test_what_others_told_does_not_go_on(tmp_path: Path) -> None:
    told = [{"actor": "Crimson Heron", "confidence": 0.4, "indicators": ["payment from another provider: card-9"]}]
    out = written(tmp_path, accounts(6), campaign(6, attribution=told))
    made = exported(out, None, "TLP:RED", KEYS, Config(), NOW)
    assert "Crimson" not in json.dumps(made.objects) and "card-9" not in json.dumps(made.objects)
    assert "actors named by others' indicators: 1" in [one.what for one in made.withheld]
