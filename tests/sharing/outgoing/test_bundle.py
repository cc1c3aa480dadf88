"""What may become a package: marked, in force, and with nobody's name in it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from stillwatch.errors import StillwatchError
from stillwatch.sharing.outgoing.bundle import checked
from stillwatch.sharing.outgoing.identifying import looks_like
from tests.sharing.drafts_here import TLP, Object, draft, of


def changed(**said: Any) -> Object:
    """A draft whose first indicator says something else; None takes it away."""
    made = draft()
    one = of(made, "indicator")[0]
    for name, value in said.items():
        if value is None:
            one.pop(name)
        else:
            one[name] = value
    return made


def marked(definition: Object | None, ref: str) -> Object:
    made = changed(object_marking_refs=[TLP["AMBER"], ref])
    return {**made, "objects": [*([definition] if definition else []), *made["objects"]]}


FOREIGN = "marking-definition--11111111-1111-4111-8111-111111111111"
RED_BY_ANOTHER_ID = {"type": "marking-definition", "id": FOREIGN, "name": "TLP:RED", "definition_type": "statement"}
STATEMENT = {
    "type": "marking-definition",
    "id": FOREIGN,
    "definition_type": "statement",
    "definition": {"statement": "© us"},
}


@pytest.mark.parametrize("marking", ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"])
def test_the_marking_of_a_bundle(marking: str) -> None:
    made = checked(draft(marking), "draft")
    assert made.marking == f"TLP:{marking}" and sum(made.markings.values()) == 38


STRICTEST = [
    ("one object is stricter", changed(object_marking_refs=[TLP["RED"]]), "TLP:RED"),
    ("an object has two", changed(object_marking_refs=[TLP["CLEAR"], TLP["AMBER+STRICT"]]), "TLP:AMBER+STRICT"),
    ("a part is stricter",
     changed(granular_markings=[{"marking_ref": TLP["RED"], "selectors": ["name"]}]), "TLP:RED"),
    ("another's id says it", marked(RED_BY_ANOTHER_ID, FOREIGN), "TLP:RED"),
    ("a statement says nothing of it", marked(STATEMENT, FOREIGN), "TLP:AMBER"),
    ("TLP 1", changed(object_marking_refs=["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]), "TLP:RED"),
]  # fmt: skip


@pytest.mark.parametrize(("bundle", "marking"), [row[1:] for row in STRICTEST], ids=[row[0] for row in STRICTEST])
def test_the_strictest_counts(bundle: Object, marking: str) -> None:
    assert checked(bundle, "draft").marking == marking


def lying() -> Object:
    made = draft("CLEAR")
    made["objects"][0]["extensions"]["extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"]["tlp_2_0"] = "red"
    return made


def technique(**more: Any) -> Object:
    made = draft()
    of(made, "attack-pattern")[0].update(more)
    return made


def twice() -> Object:
    made = draft()
    return {**made, "objects": [*made["objects"], deepcopy(made["objects"][-1])]}


REFUSED = [
    ("no marking", changed(object_marking_refs=None), "bears no TLP marking"),
    ("marked in part alone", changed(object_marking_refs=None, granular_markings=[{"marking_ref": TLP["AMBER"]}]), "no TLP"),
    ("a marking that is not there", marked(None, FOREIGN), "which is not in the bundle"),
    ("a definition that lies", lying(), "says TLP:RED"),
    ("a technique with words of ours", technique(description="as account 17 does it"), "bears no TLP marking"),
    ("an id of another type", changed(id="malware--11111111-1111-4111-8111-111111111111"), "TYPE--UUID"),
    ("an object twice", twice(), "stands twice"),
    ("no instant", changed(valid_until="soon"), "instant 'soon'"),
    ("an instant without a zone", changed(valid_until="2027-01-01T00:00:00"), "as in 2026"),
    ("a list", [draft()], "no STIX 2.1 bundle"),
    ("more than a bundle", {**draft(), "note": "x"}, "nothing else"),
    ("no object", {**draft(), "objects": []}, "without an id or objects"),
    ("a mail address", changed(description="write to anna.lee@mail.example"), r"\[13\].description \(an address of"),
    ("a name that is one", changed(extensions={"x": {"+49 30 901820": 1}}), "a telephone number"),
]  # fmt: skip


@pytest.mark.parametrize(("bundle", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_says_what_and_where(bundle: Any, why: str) -> None:
    with pytest.raises(StillwatchError, match=why) as told:
        checked(bundle, "draft.json")
    assert "draft.json" in str(told.value) and "anna" not in str(told.value) and "901820" not in str(told.value)


IDENTIFYING = [
    ("anna@mail.example", "mailbox"),
    ("[email-addr:value = 'anna.lee83@mail.example']", "mailbox"),
    ("call +1 (202) 555-0147 now", "telephone"),
    ("4111 1111 1111 1111", "card"),
    ("5555555555554444", "card"),
    ("DE89 3704 0044 0532 0130 00", "bank"),
    ("sk-" + "a1B2" * 8, "key"),
    ("x" * 20_001, "20,000 characters"),
    ("w4.w3d2@mail.example", ""),  # the form of an address
    ("4111 1111 1111 1112", ""),  # no card has such digits
    ("17,638 exchanges between 2026-10-01 and 2026-10-28", ""),
    ("t13d1516h2_8daaf6152771_b186095e22b6", ""),
    ("AS64512, AS4200000000", ""),
    ("5f2504e04f8911d39a0c0305e82c3301", ""),
    ("indicator--ba8a25ae-1daf-5670-96eb-0af6278a40d0", ""),
    ("0000000000000000", ""),
]


@pytest.mark.parametrize(("text", "what"), IDENTIFYING, ids=[text[:30] for text, _ in IDENTIFYING])
def test_what_looks_like_a_direct_identifier(text: str, what: str) -> None:
    found = looks_like(text)
    assert what in found if what else found == ""


def test_a_contact_of_who_tells_is_nobody_s_secret() -> None:
    made = draft()
    of(made, "identity")[0]["contact_information"] = "share@example.com"
    assert checked(made, "draft").marking == "TLP:AMBER"
