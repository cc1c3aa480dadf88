"""Region policies: what counts, what never does, and that nothing of it is a score."""

from __future__ import annotations

import ast
import dataclasses
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.verification import Assessment, Signup
from stillwatch.verification.lists import Lists
from stillwatch.verification.region_facts import told
from stillwatch.verification.regions import NEVER_ALONE, ORIGINS, Facts, Region, RegionFinding, load, region_finding
from stillwatch.verification.signs import ALL

ROOT = Path(__file__).parents[2]
ENTRY = (
    'country = "QX"\nground = "terms of service, section 9"\nsince = 2025-09-05\nsource = "https://example.com/terms"\n'
)


def region(**changes: Any) -> Region:
    return Region("QX", "terms of service, section 9", date(2025, 9, 5), "https://example.com/terms", **changes)


def policy(folder: Path, text: str) -> tuple[Region, ...]:
    path = folder / "regions.toml"
    path.write_text(text)
    return load(path)


@pytest.mark.parametrize(
    "facts, outcome",
    [
        ({}, None),
        ({"declared_country": "QX"}, None),  # one kind is one mistake
        ({"declared_country": "QX", "billing_country": "QX"}, "refuse"),
        ({"declared_country": "QX", "address_country": "QX"}, "refuse"),
        ({"address_country": "QX"}, None),  # a VPN, a traveller
        ({"document_country": "QX", "address_country": "QX"}, None),  # somebody with a passport, on a visit at home
        ({"document_country": "QX", "address_country": "QX", "billing_country": "DE"}, None),  # an expatriate at home
        ({"declared_country": "QX", "document_country": "QX", "billing_country": "DE"}, "ask"),  # an expatriate
        ({"declared_country": "DE", "billing_country": "QX", "address_country": "QX"}, "ask"),  # a contradiction
        ({"organization_seat": "QX", "ownership": {"QX": 0.9}}, None),  # a register's word, said twice
        ({"ownership": {"QX": 0.51}, "declared_country": "QX"}, "refuse"),
        ({"ownership": {"QX": 0.5}, "declared_country": "QX"}, None),  # more than half, not half
        ({"ownership": {"QX": 0.3, "QX-AB": 0.3}, "billing_country": "QX", "organization_seat": "SG"}, "refuse"),
    ],
)
def test_what_a_policy_of_refusal_says(facts: dict[str, Any], outcome: str | None) -> None:
    finding = region_finding((region(outcome="refuse"),), Facts(**facts))
    assert (finding and finding.outcome) == outcome
    if finding:
        assert finding.step == ("organization" if outcome == "ask" else "")
        assert "https://example.com/terms" in finding.says and finding.source == "https://example.com/terms"
        shown = {kind for kind, _ in (*finding.evidence, *finding.against)}
        assert shown == set(facts), "all evidence is listed, for and against"


def test_a_subdivision_is_meant_alone_and_its_country_says_nothing_of_it() -> None:
    part = (dataclasses.replace(region(outcome="refuse"), country="QX-43"),)
    assert region_finding(part, Facts("QX", "QX")) is None
    found = region_finding(part, Facts("QX-43", "QX", organization_seat="QX-43"))
    assert found is not None and found.outcome == "refuse" and found.against == ()
    whole = region_finding((region(),), Facts("QX-43", "QX-43"))
    assert whole is not None and whole.country == "QX"


def test_the_entry_that_most_points_to_is_the_one() -> None:
    other = dataclasses.replace(region(), country="YY")
    facts = Facts("YY", "YY", document_country="YY", address_country="QX", organization_seat="QX")
    found = region_finding((region(), other), facts)
    assert found is not None and found.country == "YY"


@given(st.dictionaries(st.sampled_from(sorted(set(ORIGINS) - {"ownership"})), st.sampled_from(["QX", "DE", ""])))
@settings(max_examples=80, deadline=None)
def test_never_of_one_origin_nor_of_what_never_suffices(facts: dict[str, str]) -> None:
    found = region_finding((region(outcome="refuse"),), Facts(**facts))
    if found:
        kinds = {kind for kind, _ in found.evidence}
        assert len({ORIGINS[kind] for kind in kinds}) >= 2 and not kinds <= NEVER_ALONE
        assert found.outcome == "ask" or "DE" not in facts.values()


def test_facts_of_a_sign_up_are_its_countries_and_nothing_of_who_the_person_is() -> None:
    signup = Signup("a", 0.0, declared_country="DE", payment_country="FR", country="NL", language="xx", timezone="X/Y")
    assert Facts.of(signup) == Facts("DE", "FR", address_country="NL")


@pytest.mark.parametrize("key", ["nationality", "language", "name", "Citizenship", "ethnicity", "timezone"])
@pytest.mark.parametrize("place", ['{key} = "x"\n', 'evidence = ["{key}"]\n'])
def test_who_somebody_is_is_no_evidence_and_the_error_says_why(tmp_path: Path, key: str, place: str) -> None:
    with pytest.raises(BadConfiguration, match=f"{key} is no evidence: .*(place|lives|moved|anything|countries)"):
        policy(tmp_path, f"[[region]]\n{ENTRY}{place.format(key=key)}")


@pytest.mark.parametrize("name", ["ground", "since", "source", "country"])
def test_an_entry_cites_its_ground(tmp_path: Path, name: str) -> None:
    lines = [line for line in ENTRY.splitlines() if not line.startswith(name)]
    with pytest.raises(BadConfiguration, match=f"without {name}"):
        policy(tmp_path, "[[region]]\n" + "\n".join(lines))


@pytest.mark.parametrize(
    "more, allowed",
    [
        ('outcome = "score"', "ask or refuse"),
        ('country = "XX"', "ISO 3166"),
        ('step = "interview"', "email, phone"),
        ("needed = 9", "not more than its kinds"),
        ("needed = 0", "1 or more"),
        ("needed = 1", "2 or more"),
        ('evidence = ["address_country", "document_country"]', "besides address_country"),
        ('evidence = ["shoe_size"]', "billing_country"),
        ("weight = 3", "country, evidence, ground"),
        ('since = "2025"', "date"),
    ],
)
def test_what_cannot_stand_in_a_policy_is_an_error_that_names_the_allowed(
    tmp_path: Path, more: str, allowed: str
) -> None:
    key = more.partition(" ")[0]
    text = "".join(line for line in ENTRY.splitlines(keepends=True) if not line.startswith(f"{key} "))
    with pytest.raises(BadConfiguration, match=allowed):
        policy(tmp_path, f"[[region]]\n{text}{more}\n")


def test_one_origin_is_enough_where_a_register_says_it(tmp_path: Path) -> None:
    entries = policy(tmp_path, f'[[region]]\n{ENTRY}evidence = ["ownership"]\nneeded = 1\noutcome = "refuse"\n')
    found = region_finding(entries, Facts("DE", "DE", ownership={"QX": 0.6, "DE": 0.4}))
    assert found is not None and found.outcome == "refuse" and found.evidence == (("ownership", "60%"),)


def test_two_entries_for_one_region_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="two entries"):
        policy(tmp_path, f"[[region]]\n{ENTRY}[[region]]\n{ENTRY}")


def test_a_finding_holds_no_number_that_could_be_added_to_a_likelihood() -> None:
    assert {one.type for one in dataclasses.fields(RegionFinding)} <= {"str", "tuple[tuple[str, str], ...]"}
    assert not {one.name for one in dataclasses.fields(Assessment)} & {"country", "region", "nationality"}


def test_nothing_that_assesses_knows_of_region_policies() -> None:
    """Only what shows a finding may import it: a likelihood cannot change with what it never sees."""
    allowed = {"stillwatch/verification/regions.py", "stillwatch/verification/region_facts.py"}
    users = set()
    for path in sorted((ROOT / "stillwatch").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = getattr(node, "module", None) or ""
            if any("verification.region" in f"{module}.{name}" for name in names):
                users.add(str(path.relative_to(ROOT)))
    assert users - allowed == {"stillwatch/cli/verify/regions.py"}


def test_facts_that_do_not_count_are_set_aside(tmp_path: Path) -> None:
    rows = [
        {"account_id": "a", "organization_seat": "QX", "ownership": {"QX": 0.7}},
        {"account_id": "b", "nationality": "QX"},
        {"account_id": "c", "ownership": {"QX": 70}},
        {"organization_seat": "QX"},
    ]
    (tmp_path / "facts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + "nonsense\n")
    aside: Counter[str] = Counter()
    assert told(tmp_path / "facts.jsonl", aside) == {"a": {"organization_seat": "QX", "ownership": {"QX": 0.7}}}
    assert aside.total() == 4 and any("nationality" in reason for reason in aside)


def test_the_command_lists_whom_a_policy_concerns(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    accounts = [
        {"account_id": "there", "declared_country": "qx", "payment_country": "QX"},
        {"account_id": "unknown", "declared_country": "XX", "payment_country": "XX"},
        {"account_id": "traveller", "declared_country": "DE", "payment_country": "DE", "signup_country": "QX"},
    ]
    (tmp_path / "log/accounts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in accounts))
    (tmp_path / "regions.toml").write_text(f"[[region]]\n{ENTRY}")
    words = [
        sys.executable,
        "-m",
        "stillwatch",
        "verify",
        "regions",
        tmp_path / "regions.toml",
        tmp_path / "log",
        "--json",
    ]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True)
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1 and document["looked_at"] == 3
    assert [(one["account_id"], one["outcome"], one["step"]) for one in document["findings"]] == [
        ("there", "ask", "organization")
    ]


@pytest.mark.parametrize("country", ["CN", "RU", "IR", "NG", "US"])
def test_no_sign_of_fraud_is_in_a_country_itself(lists: Lists, country: str) -> None:
    """Countries that agree say the same wherever they are: only that they contradict each other is ever looked at."""
    for network in ("", "hosting", "access"):
        there, here = (
            Signup("a", 0.0, declared_country=one, payment_country=one, phone_country=one, country=one, network=network)
            for one in (country, "DE")
        )
        assert [sign.shows(there, lists) for sign in ALL] == [sign.shows(here, lists) for sign in ALL]


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load()
