"""What has changed since something was proved."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.verification.pathways import Domain, Member, Proof, changed
from tests.verification.pathways.told import DAY, NOW, WAYS, proof, shown

UNI = Domain("uni.example", academic=True, withdrawn=False, disposable=False)
LOGIN = proof(
    "institution_login", 100, domain="uni.example", domain_listed=True, organization_id="org-1", payment_country="DE"
)


def student(**more: Any) -> Member:
    told = {"organization_id": "org-1", "payment_country": "DE", "domain": "uni.example", **more}
    return Member("a", "education", NOW - 400 * DAY, **told)


def codes(member: Member, domain: Domain, *proofs: Proof, now: float = NOW) -> list[str]:
    return [one.code for one in changed(member, WAYS[member.pathway], shown(*proofs), domain, now)]


@pytest.mark.parametrize(
    "member, domain, found",
    [
        (student(), UNI, []),
        (student(), Domain("uni.example"), []),  # no list was asked: nothing is known to have changed
        (student(), Domain("uni.example", academic=False, withdrawn=True), ["domain_withdrawn"]),
        (student(), Domain("uni.example", academic=False, withdrawn=False), ["domain_not_listed"]),
        (student(), Domain("uni.example", academic=True, disposable=True), ["domain_disposable"]),
        (student(domain_since=NOW - 10 * DAY), UNI, ["domain_reregistered"]),
        (student(domain_since=NOW - 99 * DAY), UNI, []),  # a day after: two clocks
        (student(domain_since=NOW - 900 * DAY), UNI, []),
        (student(domain="else.example"), Domain("else.example", academic=True), ["domain_moved"]),
        (student(organization_id="org-2"), UNI, ["organization_changed"]),
        (student(organization_id=""), UNI, []),  # not told is not changed
        (student(payment_country="FR"), UNI, ["payment_country_changed"]),
    ],
)
def test_ground_that_is_gone(member: Member, domain: Domain, found: list[str]) -> None:
    assert codes(member, domain, LOGIN) == found


def test_a_country_of_payment_is_shown_and_asks_nothing() -> None:
    (one,) = changed(student(payment_country="FR"), WAYS["education"], shown(LOGIN), UNI, NOW)
    assert one.step == "" and one.innocent


@pytest.mark.parametrize(
    "proofs, lapsed",
    [
        ([LOGIN], 0),
        ([proof("institution_login", 181)], 2),  # for enrolment, and in place of the domain's age
        ([proof("institution_login", 181), proof("enrolment_document", 9, reviewed_by="kim")], 0),
        ([proof("institution_login", 181), proof("enrolment_document", 9)], 2),  # nobody has read the new one
        ([proof("enrolment_document", 9)], 0),  # waits for us, not for the customer
        ([], 0),
    ],
)
def test_a_proof_that_ran_out_and_nothing_in_its_place(proofs: list[Proof], lapsed: int) -> None:
    assert codes(student(), UNI, *proofs).count("proof_lapsed") == lapsed


def test_a_proof_that_was_taken_back_is_told_as_that() -> None:
    back = proof("institution_login", 20, by="oidc", revoked=NOW - 3 * DAY)
    found = [one for one in changed(student(), WAYS["education"], shown(back), UNI, NOW) if one.code == "proof_revoked"]
    assert {one.step for one in found} == {"organization"} and "3 days ago by oidc" in found[0].text
    assert (
        codes(
            student(),
            UNI,
            proof("institution_login", 20, revoked=NOW - DAY),
            proof("enrolment_document", 9, reviewed_by="kim"),
        )
        == []
    )


def test_every_change_has_its_innocent_explanation() -> None:
    member = student(domain="else.example", organization_id="org-2", payment_country="FR")
    found = changed(member, WAYS["education"], shown(LOGIN), Domain("else.example", False, True, True), NOW + 200 * DAY)
    assert len(found) >= 6 and all(one.innocent and one.text for one in found)
