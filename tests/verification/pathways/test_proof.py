"""What is missing, how long a proof is believed, and proofs as a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.verification.ladder import Step
from stillwatch.verification.pathways import Domain, Proof, eligible, missing, newest, proved
from stillwatch.verification.pathways.proof import line, read, stands
from tests.verification.pathways.told import DAY, KINDS, NOW, WAYS, proof, shown

ENROLLED = proof("enrolment_document", reviewed_by="kim")


def lacking(pathway: str, *proofs: Proof, now: float = NOW) -> list[str]:
    return [one.code for one in missing(WAYS[pathway], shown(*proofs), now)]


@pytest.mark.parametrize(
    "pathway, proofs, lacks",
    [
        ("education", [], ["eligible_domain", "domain_age", "reachable", "enrolment"]),
        ("education", [proof("academic_domain"), proof("domain_age"), proof("email_confirmed")], ["enrolment"]),
        ("education", [proof("academic_domain"), proof("email_confirmed"), proof("institution_login")], []),
        ("education", [proof("email_confirmed"), ENROLLED], []),  # a school on no list, with a document
        ("education", [proof("email_confirmed"), proof("enrolment_document")],
         ["eligible_domain", "domain_age", "enrolment"]),  # nobody has read it
        ("education", [proof("email_confirmed"), proof("institution_login", 181)],
         ["eligible_domain", "domain_age", "enrolment"]),  # of last term
        ("security_research", [proof("email_confirmed"), proof("identity_document")], ["work"]),
        ("startup", [proof("email_confirmed"), proof("domain_txt"), proof("register_entry")], ["reference"]),
        ("reseller", [proof("organization_login"), proof("contract", reviewed_by="kim"), proof("end_user_identifiers", 91),
                      proof("declared_reseller")], ["end_users"]),
        ("cloud", [proof("cloud_tenant", 5_000)], []),  # lasts as long as the account
    ],
)  # fmt: skip
def test_what_is_missing(pathway: str, proofs: list[Proof], lacks: list[str]) -> None:
    assert lacking(pathway, *proofs) == lacks


@given(st.sets(st.sampled_from(sorted(KINDS))), st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(WAYS)))
@settings(max_examples=60, deadline=None)
def test_showing_more_never_leaves_more_missing(kinds: set[str], another: str, pathway: str) -> None:
    less = lacking(pathway, *(proof(kind, reviewed_by="kim") for kind in kinds))
    more = lacking(pathway, *(proof(kind, reviewed_by="kim") for kind in kinds | {another}))
    assert set(more) <= set(less)


@pytest.mark.parametrize("pathway", [one for one in WAYS if one != "self_serve"])
def test_what_a_machine_reads_off_a_domain_is_never_enough(pathway: str) -> None:
    best = Domain("uni.example", academic=True, withdrawn=False, disposable=False, shared=False, since=0.0)
    assert lacking(pathway, *eligible(best, "a", WAYS[pathway], NOW).values())


@pytest.mark.parametrize(
    "one, at, holds",
    [
        (proof("institution_login", 179), NOW, True),
        (proof("institution_login", 180), NOW, False),
        (proof("institution_login", 10, expires=NOW), NOW, False),
        (proof("institution_login", 10, expires=NOW + 900 * DAY), NOW + 179 * DAY, False),
        (proof("institution_login", -1), NOW, False),  # not yet shown
    ],
)
def test_a_proof_is_believed_from_when_it_was_shown_to_the_earlier_of_its_ends(
    one: Proof, at: float, holds: bool
) -> None:
    assert stands(one, KINDS[one.kind], at) is holds


def test_of_two_proofs_the_one_that_lasts_is_kept_and_a_read_one_before_one_that_waits() -> None:
    read_one, waiting = proof("enrolment_document", 100, reviewed_by="kim"), proof("enrolment_document", 1)
    assert newest([waiting, read_one], KINDS)["a"]["enrolment_document"] == read_one
    late, early = proof("domain_txt", 1), proof("domain_txt", 9)
    assert newest([late, early], KINDS)["a"]["domain_txt"] == late


def step(state: str, name: str, *facts: tuple[str, str], vendor: str = "oidc") -> Step:
    return Step(name, state, NOW, vendor, "s", "", 0, True, facts)


@pytest.mark.parametrize(
    "one, kinds",
    [
        (step("passed", "identity"), ["identity_document"]),
        (step("passed", "email"), ["email_confirmed"]),
        (step("passed", "organization", ("organization", "uni.example")), ["institution_login", "organization_login"]),
        (step("passed", "organization", ("organization", "shell.example")), ["organization_login"]),  # anybody has one
        (step("passed", "organization"), []),  # at none that it names
        (step("passed", "organization", ("organization", "uni.example"), vendor="other"), []),  # how, was not said
        (step("passed", "organization", ("domain_txt", "token"), vendor="dns"), ["domain_txt"]),
        (step("passed", "organization", ("enrolment_document", "token"), vendor="provider"), ["enrolment_document"]),
        (step("failed", "identity"), []),
        (step("waived", "identity"), []),  # a waiver proves nothing
    ],
)
def test_what_a_step_proves(one: Step, kinds: list[str]) -> None:
    made = proved(one, "a", "C-1", KINDS, lambda organization: organization == "uni.example")
    assert sorted(each.kind for each in made) == kinds
    assert all((each.at, each.by, each.case) == (NOW, one.vendor, "C-1") and not each.reviewed_by for each in made)


def test_a_proof_that_was_taken_back_is_none_wherever_else_it_is_written() -> None:
    kept = proof("institution_login", 9, case="C-1")
    back = replace(kept, revoked=NOW - DAY)
    for order in ([kept, back], [back, kept], [kept, back, kept]):
        one = newest(order, KINDS)["a"]["institution_login"]
        assert one == back and not stands(one, KINDS[one.kind], NOW) and stands(one, KINDS[one.kind], NOW - 2 * DAY)
    again = proof("institution_login", 0.5, case="C-1")
    assert newest([kept, back, again], KINDS)["a"]["institution_login"] == again


proofs = st.builds(
    Proof,
    account_id=st.text(min_size=1, max_size=8),
    kind=st.sampled_from(sorted(KINDS)),
    at=st.floats(0, 4e9),
    by=st.text(max_size=5),
    expires=st.none() | st.floats(0, 4e9),
    case=st.text(max_size=5),
    revoked=st.none() | st.floats(0, 4e9),
    domain=st.sampled_from(["", "uni.example"]),
    domain_listed=st.none() | st.booleans(),
)


@given(st.lists(proofs, max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, kept: list[Proof]) -> None:
    path = tmp_path_factory.mktemp("proofs") / "proofs.jsonl"
    path.write_bytes(b"".join(line(one) for one in kept))
    aside: Counter[str] = Counter()
    assert read(path, KINDS, aside) == kept and not aside


@pytest.mark.parametrize(
    "bad, says",
    [
        ("nonsense", "not a JSON object"),
        ('["a"]', "not a JSON object"),
        ('{"account_id": "a", "kind": "domain_txt"}', "without account_id"),
        ('{"account_id": "a", "kind": "a_smile", "at": 1}', "no such kind"),
        ('{"account_id": "a", "kind": "domain_txt", "at": "today"}', "at is not of the right type"),
        ('{"account_id": "a", "kind": "domain_txt", "at": true}', "at is not of the right type"),
        ('{"account_id": 7, "kind": "domain_txt", "at": 1}', "account_id is not"),
        ('{"account_id": "a", "kind": "domain_txt", "at": 1, "nationality": "x"}', "no such field: nationality"),
    ],
)
def test_a_bad_line_is_counted_and_loses_no_other(tmp_path: Path, bad: str, says: str) -> None:
    good = line(ENROLLED).decode()
    (tmp_path / "proofs.jsonl").write_text(f"{good}{bad}\n\n{good}")
    aside: Counter[str] = Counter()
    assert read(tmp_path / "proofs.jsonl", KINDS, aside) == [ENROLLED, ENROLLED]
    assert aside.total() == 1 and says in next(iter(aside))
