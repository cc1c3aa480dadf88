"""What comes along, and what a provider's own file may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.verification.outcome import STEPS
from stillwatch.verification.pathways import load
from tests.verification.pathways.told import KINDS, WAYS

PATHWAYS = ["self_serve", "education", "security_research", "startup", "enterprise", "reseller", "cloud"]


def given(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text)
    return path


def test_every_pathway_of_the_contract_has_something_to_prove() -> None:
    assert list(WAYS) == PATHWAYS
    for way in WAYS.values():
        assert any(not any(kind.eligibility for kind in one.any_of) for one in way.requires)
        assert way.step_again in STEPS and all(one.step in STEPS for one in way.requires)
        assert way.ask_within_days > 0 and way.appeal_days >= way.ask_within_days


def test_a_domain_is_eligibility_wherever_it_is_taken() -> None:
    assert {name for name, kind in KINDS.items() if kind.eligibility} == {"academic_domain", "domain_age", "own_domain"}


def test_numbers_kinds_and_requirements_are_laid_over(tmp_path: Path) -> None:
    ways = load(given(tmp_path, """
        [kinds.student_card]
        step = "organization"
        says = "a student card"
        valid_days = 90
        [kinds.enrolment_document]
        valid_days = 30
        [education]
        new_a_week = 20
        [education.requires.enrolment]
        any_of = ["student_card", "enrolment_document"]
        [education.requires.domain_age]
        needed = false
        [startup.requires.insured]
        any_of = ["contract"]
        because = "our insurer asks for it"
    """))  # fmt: skip
    education = ways["education"]
    assert education.new_a_week == 20 and education.accounts_a_domain == WAYS["education"].accounts_a_domain
    assert [one.code for one in education.requires] == ["eligible_domain", "reachable", "enrolment"]
    assert (
        education.kinds["student_card"].valid_days == 90.0 and education.kinds["enrolment_document"].valid_days == 30.0
    )
    assert [one.code for one in ways["startup"].requires][-1] == "insured"
    assert ways["cloud"] == WAYS["cloud"]


@pytest.mark.parametrize(
    "text, says",
    [
        ("[kindergarten]\nabout = 'x'", "no such pathway[\\s\\S]*education"),
        ("[education]\nnationality = 'x'", "no such key[\\s\\S]*accounts_a_domain"),
        ("[education]\nnew_a_week = 'many'", "right type"),
        ("[education]\nnew_a_week = true", "right type"),
        ("[education]\nnew_a_week = -1", "0 or more"),
        ("[education]\nappeal_days = inf", "0 or more"),
        ("[education]\nagain = 'nothing'", "no requirement is called[\\s\\S]*enrolment"),
        ("[education.requires.enrolment]\nany_of = ['a_smile']", "no kinds of fact[\\s\\S]*enrolment_document"),
        ("[education.requires.enrolment]\nany_of = []", "no kinds of fact"),
        ("[education.requires.enrolment]\nproof = 1", "no such key[\\s\\S]*any_of, because, needed"),
        ("[education.requires.new]\nbecause = 'x'", "without any_of"),
        ("[kinds.new]\nstep = 'email'", "without says, valid_days"),
        ("[kinds.new]\nstep = 'interview'\nsays = 'x'\nvalid_days = 1", "no such step[\\s\\S]*identity"),
        ("education = 3", "right type"),
        ("[education", "not readable"),
    ],
)
def test_what_nobody_would_read_is_an_error_that_names_the_allowed(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadConfiguration, match=says):
        load(given(tmp_path, text))


def test_a_programme_that_a_domain_alone_would_open_is_an_error(tmp_path: Path) -> None:
    text = "[education]\nagain = 'eligible_domain'\n" + "".join(
        f"[education.requires.{code}]\nneeded = false\n" for code in ("reachable", "enrolment", "domain_age")
    )
    own = text + "[education.requires.eligible_domain]\nany_of = ['academic_domain']\n"
    with pytest.raises(BadConfiguration, match="a mail domain is no proof"):
        load(given(tmp_path, own))
