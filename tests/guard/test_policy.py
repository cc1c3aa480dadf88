"""Policies: what a file may say, and what is told when it says something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from guard_here import policy, rule

from stillwatch.errors import BadConfiguration
from stillwatch.guard import policy as policies
from stillwatch.guard.actions import CapN, Refuse, TokenBudget


def test_a_rule_is_what_the_file_says(tmp_path: Path) -> None:
    budget = {"token_budget": {"tokens": 1000, "every": "6h", "of": "campaign"}}
    made = policy(tmp_path, rule(do=["refuse", {"cap_n": {"n": 2}}, budget], wave="12h", scope={"models": ["m"]}))
    (one,) = made.rules
    assert one.do == (Refuse(), CapN(2), TokenBudget(1000, timedelta(hours=6), "campaign"))
    assert (one.starts, one.wave) == (datetime(2026, 11, 1, tzinfo=UTC), timedelta(hours=12))
    assert one.scope.models == {"m"} and one.scope.accounts == frozenset()


def test_a_rule_is_a_shadow_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert policy(tmp_path, rule(mode=None)).rules[0].mode == "shadow"


@pytest.mark.parametrize(
    ("changes", "told", "place"),
    [
        ({"owner": None}, "field required", "owner"),
        ({"owner": ""}, "at least 1 character", "owner"),
        ({"reasons": "x"}, "unexpected", "reasons"),
        ({"id": "Two words"}, "'Two words'", "id"),
        ({"mode": "on"}, "'off', 'shadow' or 'live'", "mode"),
        ({"do": "stop"}, "'stop'", "do.0"),
        ({"do": []}, "at least 1 item", "do"),
        ({"do": {"cap_n": {"n": 0}}}, "greater than or equal to 1", "do.0.cap_n.n"),
        ({"do": {"token_budget": {"tokens": 9, "every": "3w"}}}, "minutes, hours or days", "do.0.token_budget.every"),
        ({"do": {"token_budget": {"tokens": 9, "every": "0m"}}}, "longer than nothing", "do.0.token_budget.every"),
        ({"do": {"token_budget": {"tokens": 10**16, "every": "1h"}}}, "less than or equal", "do.0.token_budget.tokens"),
        ({"when": "account.scor > 1.0"}, "undeclared reference to 'account.scor'", "(stop).when"),
        ({"when": "account.score > 'x'"}, "no matching overload", "(stop).when"),
        ({"when": "account.score"}, "not true or false", "(stop).when"),
        ({"when": "true), (true"}, "not a condition", "(stop).when"),
        ({"expires": "2027-11-01"}, "2027-11-01", "(stop).expires"),
        ({"expires": "2026-10-01"}, "2026-10-01", "(stop).expires"),
        ({"limit": {"accounts": -1}}, "greater than or equal to 0", "limit.accounts"),
    ],
)
def test_what_is_refused(tmp_path: Path, changes: dict[str, Any], told: str, place: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        policy(tmp_path, rule(**changes))
    assert told in refused.value.what and refused.value.where.endswith(place)
    assert "policy.yaml: rules.0" in refused.value.where and refused.value.next_step


@pytest.mark.parametrize("text", ["[", "", "- a", "appeal: x", "appeal: ''\nrules: []", "rules: []"])
def test_files_that_are_no_policy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(BadConfiguration, match=r"policy\.yaml"):
        policies.read(path)


def test_names_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="two rules of one name"):
        policy(tmp_path, rule(), rule(do="hold"))


@pytest.mark.parametrize(
    "when",
    [
        "client.indicators.size() > 0",
        'account.verdict == "watch" || request.templates.size() > 0',
        'request.templates.size() > 0 && account.verdict != "campaign"',
        '"actor" in client.indicators && request.model == "large"',
        "'C-12' in request.templates && request.stream && request.n >= 4",
        "request.templates.exists(one, client.indicators.size() > 0)",
    ],
)
def test_hints_alone_are_not_enough(tmp_path: Path, when: str) -> None:
    with pytest.raises(BadConfiguration, match="alone"):
        policy(tmp_path, rule(when=when))
    assert policy(tmp_path, rule(when=when, do="log")).rules, "a note hurts nobody"


@pytest.mark.parametrize(
    "when",
    [
        'account.verdict == "watch" && "actor" in client.indicators',
        'account.age_days < 14.0 && "C-12" in request.templates',
        "campaign.alarmed && (request.stream || request.templates.size() > 0)",
    ],
)
def test_hints_may_add_to_what_is_known_of_an_account(tmp_path: Path, when: str) -> None:
    assert policy(tmp_path, rule(when=when, do={"require_verification": {"level": "phone"}})).rules


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"reason": "other", "owner": "other", "mode": "off", "expires": "2026-11-09"}, True),
        ({"when": "account.score > 0.5"}, False),
        ({"do": "hold"}, False),
        ({"scope": {"models": ["m"]}}, False),
        ({"limit": {"accounts": 7}}, False),
    ],
)
def test_a_fingerprint_is_of_whom_a_rule_hits_and_how(tmp_path: Path, changes: dict[str, Any], same: bool) -> None:
    before, after = policy(tmp_path, rule()), policy(tmp_path, rule(**changes))
    assert (before.rules[0].fingerprint() == after.rules[0].fingerprint()) is same
