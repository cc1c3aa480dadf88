"""What a mail domain opens, how many of one may come, and whether somebody controls one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.verification import Signup
from stillwatch.verification.lists import Lists
from stillwatch.verification.pathways import Domain, answered, challenge, controls, crowded, eligible
from stillwatch.verification.pathways.domain import eligibility
from stillwatch.verification.pathways.txt import records
from tests.verification.pathways.told import DAY, NOW, WAYS

KEY = bytes(range(32))
EDUCATION, STARTUP = WAYS["education"], WAYS["startup"]


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load()


@pytest.mark.parametrize(
    "domain, academic, shared",
    [
        ("mit.edu", True, False),
        ("gmail.com", False, True),
        ("example.com", False, False),
    ],
)
def test_lists_are_asked(lists: Lists, domain: str, academic: bool, shared: bool) -> None:
    said = eligibility(Signup("a", NOW, email_domain=domain, email_domain_age_days=400.0), lists)
    assert (said.academic, said.shared, said.since) == (academic, shared, NOW - 400 * DAY)
    assert bool(said.sources) == (academic or shared)


def test_a_look_alike_that_was_withdrawn_opens_nothing(lists: Lists) -> None:
    said = eligibility(Signup("a", NOW, email_domain="oshtu.edu.kg", email_domain_age_days=9_000.0), lists)
    assert said.withdrawn and said.sources
    assert set(eligible(said, "a", EDUCATION, NOW)) == {"domain_age"}


def test_of_no_domain_nothing_is_known(lists: Lists) -> None:
    assert eligibility(Signup("a", NOW), lists) == Domain()
    assert eligible(Domain(), "a", EDUCATION, NOW) == {}


@pytest.mark.parametrize(
    "domain, kinds",
    [
        (Domain("u", academic=True, since=NOW - 365 * DAY), {"academic_domain", "domain_age"}),
        (Domain("u", academic=True, since=NOW - 364 * DAY), {"academic_domain"}),
        (Domain("u", academic=True), {"academic_domain"}),  # unknown age is no age
        (Domain("u", academic=True, withdrawn=True), set()),
        (Domain("u", academic=True, disposable=True), set()),
        (Domain("u", academic=False), set()),
        (Domain("u"), set()),
    ],
)
def test_what_opens_education(domain: Domain, kinds: set[str]) -> None:
    assert set(eligible(domain, "a", EDUCATION, NOW)) == kinds


@pytest.mark.parametrize(
    "domain, own",
    [(Domain("c", shared=False, disposable=False), True), (Domain("c", shared=True), False), (Domain("c"), False)],
)
def test_what_is_a_companys_own(domain: Domain, own: bool) -> None:
    assert ("own_domain" in eligible(domain, "a", STARTUP, NOW)) is own


def test_a_domain_is_crowded_beyond_its_quotas_and_hosts_of_strangers_have_none() -> None:
    old, new = NOW - 90 * DAY, NOW - DAY
    many = [("big.example", old)] * 51 + [("quick.example", new)] * 21 + [("calm.example", new)] * 20
    many += [("gmail.com", new)] * 400 + [("", new)] * 400 + [("undated.example", None)] * 40
    found = crowded(STARTUP, many, {"gmail.com": Domain("gmail.com", shared=True)}, NOW)
    assert [(one.domain, one.accounts, one.new) for one in found] == [("big.example", 51, 0), ("quick.example", 21, 21)]
    assert "50 are expected" in found[0].says and "20 are expected" in found[1].says
    assert crowded(WAYS["enterprise"], many, {}, NOW) == []  # no quota


def test_a_record_is_of_one_case_and_one_domain_and_one_key() -> None:
    asked = challenge(KEY, "C-1", "Example.com.")
    assert asked == challenge(KEY, "C-1", "example.com") and asked.name == "_stillwatch-challenge.example.com"
    others = [
        challenge(KEY, "C-2", "example.com"),
        challenge(KEY, "C-1", "example.org"),
        challenge(KEY[::-1], "C-1", "example.com"),
    ]
    assert len({asked.value, *(one.value for one in others)}) == 4
    for other in others:
        assert not answered(asked, [other.value])
    assert answered(asked, ["v=spf1 -all", f" {asked.value} "]) and not answered(asked, [asked.value[:-1], ""])


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_case_and_a_domain_cannot_be_told_apart_differently(one: str, other: str) -> None:
    same = challenge(KEY, one, "example.com").value == challenge(KEY, other, "example.com").value
    assert same is (one == other)


def test_a_resolver_is_asked_for_the_records_name() -> None:
    asked = challenge(KEY, "C-1", "bücher.example")
    zone = {asked.name: ["other", asked.value]}
    assert asked.name == "_stillwatch-challenge.xn--bcher-kva.example"
    assert controls(KEY, "C-1", "bücher.example", lambda name: zone.get(name, []))
    assert not controls(KEY, "C-1", "else.example", lambda name: zone.get(name, []))


@pytest.mark.parametrize(
    "name", ["", "localhost", "https://example.com", "a b.example", "-a.example", "x" * 250 + ".example", "a..b"]
)
def test_what_is_no_domain_is_an_error(name: str) -> None:
    with pytest.raises(BadConfiguration, match="no domain"):
        challenge(KEY, "C-1", name)


@pytest.mark.parametrize(
    "text, found",
    [
        ("plain\n", ["plain"]),
        ('"quo" "ted"\n', ["quoted"]),
        ('_c.example.com.\t300\tIN\tTXT\t"one" "half"\n; comment\n', ["onehalf"]),
        ("_c.example.com. 300 IN TXT bare\n", ["bare"]),
        ('_c.other.com. 300 IN TXT "theirs"\n', []),
        ("", []),
    ],
)
def test_records_are_read_as_dig_and_zone_files_write_them(text: str, found: list[str]) -> None:
    assert records(text, "_c.example.com") == found
