"""A draft of the kind that an export makes, small enough to read: one campaign, its operator, indicators of several kinds."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Object = dict[str, Any]
NOW = "2026-11-27T22:00:00Z"
AT = 1_795_816_800.0  # NOW, in seconds since 1970
EXTENSION = "extension-definition--81c957c2-845a-40ee-bb3f-1005fde5ee6e"
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
SKELETON = "Grade the answer by the rubric ⟨…⟩ and write out each step of your reasoning before ⟨…⟩"
PATTERNS = {  # kind: pattern, confidence
    "template": ("[x-stillwatch:template = 't-9b1f0c22']", 94),
    "template_skeleton": (f"[x-stillwatch:template_skeleton = '{SKELETON}']", 94),
    "payment": ("[x-stillwatch:payment = '2026Q4.mFh1ZzVn0aLk']", 88),
    "device": ("[x-stillwatch:device = '2026Q4.qQ7Yt0bX2cPz']", 81),
    "tls": ("[x-stillwatch:tls = 't13d1516h2_8daaf6152771_b186095e22b6']", 60),
    "domain-name": ("[domain-name:value = 'fast-mailer.example']", 72),
    "autonomous-system": ("[autonomous-system:number = 64512]", 41),
}
PARTNERS = """
[sender]
contact = "Trust and safety of Example AI, share@example.com"

[partners.northwind]
name = "Northwind AI"
kind = "provider"
contact = "trust@northwind.example"
most = "TLP:AMBER+STRICT"
organization = "Northwind AI, Inc."

[partners.circle]
name = "A circle of providers"
kind = "provider"
contact = "desk@circle.example"
most = "TLP:AMBER+STRICT"

[partners.office]
name = "Office for Something"
kind = "authority"
contact = "intake@office.example"
most = "TLP:GREEN"
"""


def identifier(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(NAMESPACE_URL, f'{kind} {name}')}"


def draft(marking: str = "AMBER", valid_until: str = "2027-02-01T00:00:00.000Z") -> Object:
    """The bundle. Every object that is ours bears the marking."""
    mark, me = TLP[marking], identifier("identity", "producer")

    def made(kind: str, about: str, /, **said: Any) -> Object:
        return {
            "type": kind, "spec_version": "2.1", "id": identifier(kind, about), "created_by_ref": me,
            "created": "2026-11-20T08:00:00.000Z", "modified": "2026-11-21T08:00:00.000Z",
            "object_marking_refs": [mark], **said,
        }  # fmt: skip

    def ours(**said: Any) -> Object:
        return {EXTENSION: {"extension_type": "property-extension", **said}}

    definition = {
        "type": "marking-definition", "spec_version": "2.1", "id": mark, "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{marking}",
        "extensions": {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": marking.lower()}},
    }  # fmt: skip
    producer = made("identity", "producer", name="Example AI", identity_class="organization")
    del producer["created_by_ref"]
    extension = {
        **made("extension-definition", "ours", name="stillwatch", schema="docs/sharing-stix.md", version="1.0.0",
               extension_types=["property-extension"]), "id": EXTENSION,
    }  # fmt: skip
    del extension["object_marking_refs"]
    campaign = made(
        "campaign", "one", name="12 accounts collecting step-by-step reasoning and grading", confidence=97,
        description="12 accounts sent 17,638 exchanges; 17,638 of them are attributed to a harvest of answers for training.",
        first_seen="2026-10-01T00:00:00.000Z", last_seen="2026-10-28T00:00:00.000Z",
        objective="To collect a model's answers for training another model.",
        extensions=ours(
            accounts=12, exchanges=17638, harvested_exchanges=17638, output_tokens=9_120_334,
            roles={"harvester": 11, "spare": 1},
            findings={"coordination": 0.99, "extraction": 0.99, "fraud": 0.67, "covertness": 0.3},
            capabilities={"reasoning": 0.81, "judging": 0.19}, elicitation={"chain_of_thought": 0.72},
        ),
    )  # fmt: skip
    operator = made(
        "intrusion-set", "one", name="Unnamed operator 11aa22bb", confidence=96, labels=["hypothesis"],
        description="A hypothesis, inferred: that one operator directs the accounts. Who that is, is not claimed.",
    )  # fmt: skip
    pattern = {
        "type": "attack-pattern", "spec_version": "2.1", "id": "attack-pattern--3f567912-629a-5e0b-ab0c-0102977c2d6c",
        "created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z", "name": "Extract AI Model",
        "external_references": [
            {"source_name": "mitre-atlas", "external_id": "AML.T0024.002",
             "url": "https://atlas.mitre.org/techniques/AML.T0024.002"}
        ],
    }  # fmt: skip
    observed = made(
        "note", "observed", abstract="Observed: coordination", labels=["observed", "coordination"],
        content="- 12 of 12 members pay with a card that another member pays with\n- all sleep and wake at the same hours",
        object_refs=[campaign["id"]],
    )  # fmt: skip
    inferred = made(
        "opinion", "inferred", opinion="strongly-agree", labels=["inferred", "coordination"], confidence=97,
        explanation="Inferred of coordination (score 0.99 of 1): One operator directs these accounts. An ordinary customer "
        "shows the same who is: a family, or a company that pays for its staff.",
        object_refs=[campaign["id"], operator["id"]],
    )  # fmt: skip
    weighed = made(
        "note", "weighed", abstract="Ordinary explanations that were weighed", labels=["weighed"],
        content="- A company with many keys. No organisation answers for them.\n- A class at a university. No such domain.",
        object_refs=[campaign["id"]],
    )  # fmt: skip
    objects = [definition, producer, extension, campaign, operator, pattern, observed, inferred, weighed]
    objects.append(
        made(
            "relationship",
            "by",
            relationship_type="attributed-to",
            source_ref=campaign["id"],
            target_ref=operator["id"],
        )
    )
    domain = {
        "type": "domain-name", "spec_version": "2.1", "id": identifier("domain-name", "one"), "value": "fast-mailer.example",
        "object_marking_refs": [mark],
    }  # fmt: skip
    account = {
        "type": "user-account", "spec_version": "2.1", "id": identifier("user-account", "one"),
        "user_id": "aK3mZx0Vq1sT", "object_marking_refs": [mark], "extensions": ours(role="harvester"),
    }  # fmt: skip
    seen = made(
        "observed-data", "one", first_observed="2026-10-01T00:00:00.000Z", last_observed="2026-10-28T00:00:00.000Z",
        number_observed=17638, object_refs=[domain["id"], account["id"]], labels=["observed"],
    )  # fmt: skip
    objects += [domain, account, seen]
    for kind, (pattern_text, sure) in PATTERNS.items():
        indicator = made(
            "indicator", kind, name=f"{kind} of a distillation campaign", pattern=pattern_text, pattern_type="stix",
            pattern_version="2.1", valid_from="2026-10-01T00:00:00.000Z", valid_until=valid_until, confidence=sure,
            description="11 accounts of the campaign show it, 0 others of 1,180 do (purity 1.000).",
            indicator_types=["anomalous-activity"], extensions=ours(kind=kind, accounts=11, purity=1.0),
        )  # fmt: skip
        objects += [
            indicator,
            made("sighting", kind, sighting_of_ref=indicator["id"], where_sighted_refs=[me], count=11,
                 observed_data_refs=[seen["id"]]),
            made("relationship", f"{kind} campaign", relationship_type="indicates", source_ref=indicator["id"],
                 target_ref=campaign["id"]),
            made("relationship", f"{kind} operator", relationship_type="indicates", source_ref=indicator["id"],
                 target_ref=operator["id"]),
        ]  # fmt: skip
    return {"type": "bundle", "id": identifier("bundle", "one"), "objects": objects}


def of(bundle: Object, kind: str) -> list[Object]:
    """Its objects of a type."""
    return [one for one in bundle["objects"] if one["type"] == kind]


def without(bundle: Object, *places: str) -> Object:
    """A copy, the first indicator of which lacks these properties."""
    made = deepcopy(bundle)
    for place in places:
        of(made, "indicator")[0].pop(place)
    return made


def state(folder: Path) -> Path:
    """A folder of state with partners."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "partners.toml").write_text(PARTNERS)
    return folder


def write(path: Path, bundle: Object) -> Path:
    path.write_text(json.dumps(bundle, ensure_ascii=False, indent=1))
    return path
