"""Conditions: all of a policy at once, one that has no value, and the same answers from both libraries."""

from __future__ import annotations

from typing import Any

import pytest
from guard_here import facts

from stillwatch.errors import BadConfiguration
from stillwatch.guard import cel
from stillwatch.guard.conditions import Conditions, condition, facts_named

TEXTS = [
    'account.verdict == "campaign" && campaign.confidence >= 0.9',
    'account.role in ["harvester", "spare"]',
    "request.logprobs || request.n > 1",
    'request.model.startsWith("large")',
    '"actor" in client.indicators',
    "account.age_days < 7.0",
    "!organization.declared && request.max_tokens > 100",
    "true",
]
KNOWN = [
    facts(),
    facts(account__verdict="campaign", campaign__confidence=0.9, account__role="spare"),
    facts(request__n=2, request__model="large-2", client__indicators=["actor"], account__age_days=1.0),
    facts(request__max_tokens=101, organization__declared=False, request__logprobs=True),
    facts(request__max_tokens=101, organization__declared=True),
]


@pytest.mark.parametrize("known", KNOWN)
def test_all_at_once_is_as_one_by_one(known: dict[str, Any]) -> None:
    alone = [place for place, text in enumerate(TEXTS) if Conditions([text]).applying(known)]
    assert Conditions(TEXTS).applying(known) == alone


def test_one_without_a_value_is_counted_and_does_not_apply() -> None:
    made = Conditions(["10 / request.max_tokens > 1", "true"])
    assert made.applying(facts()) == [1] and made.failed == [1, 0]
    assert made.applying(facts(request__max_tokens=2)) == [0, 1] and made.failed == [1, 0]


@pytest.mark.parametrize("known", KNOWN)
def test_the_other_library_says_the_same(known: dict[str, Any]) -> None:
    first, second = Conditions(TEXTS, cel._cpp()), Conditions(TEXTS, cel._rust())
    assert first.applying(known) == second.applying(known)


@pytest.mark.parametrize("library", [cel._cpp, cel._rust], ids=["cpp", "rust"])
@pytest.mark.parametrize("text", ["account.scor > 1.0", "account.", "1 +", "account.score", "'x'", ""])
def test_what_is_no_condition(library: Any, text: str) -> None:
    with pytest.raises(cel.NoCondition):
        library()(text, True)


def test_an_error_names_the_facts_there_are() -> None:
    with pytest.raises(BadConfiguration) as refused:
        condition("account.scor > 1.0", "policy.yaml: rules.0")
    assert "account.score" in refused.value.allowed and "policy.yaml" in refused.value.where


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("account.score > 0.5 && request.n > 1", {"account.score", "request.n"}),
        ("account.scores > 0.5", set()),
        ("my.account.score > 0.5", set()),
        ("request.model == campaign.id", {"request.model", "campaign.id"}),
    ],
)
def test_facts_that_are_asked_for(text: str, named: set[str]) -> None:
    assert facts_named(text) == named
