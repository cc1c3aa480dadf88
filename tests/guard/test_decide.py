"""Decisions: facts in, decision out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from guard_here import HARVESTER, NOW, decided, facts, policy, rule

from stillwatch.guard.actions import Hold, Refuse, RequireVerification, SlowDown, TokenBudget
from stillwatch.guard.decision import PASS

CAMPAIGN = facts() | HARVESTER


@pytest.mark.parametrize(
    ("known", "live"),
    [
        (facts(), ()),
        (CAMPAIGN, ("stop",)),
        (facts(account__verdict="watch"), ()),
        (CAMPAIGN | {"request.model": "large"}, ("stop",)),
    ],
)
def test_a_rule_applies_where_its_condition_holds(tmp_path: Path, known: dict[str, Any], live: tuple[str, ...]) -> None:
    decision = decided(policy(tmp_path, rule()), known)
    assert decision.live == live
    assert decision == PASS if not live else (decision.id, decision.answer) == ("D-1", Refuse())


@pytest.mark.parametrize(
    ("changes", "live", "shadow"),
    [
        ({}, True, False),
        ({"mode": "shadow"}, False, True),
        ({"mode": "off"}, False, False),
        ({"starts": NOW.isoformat()}, True, False),
        ({"starts": (NOW + timedelta(seconds=1)).isoformat()}, False, False),
        ({"expires": NOW.isoformat()}, False, False),
        ({"scope": {"models": ["small"]}}, False, False),
        ({"scope": {"models": ["small", "large"]}}, True, False),
        ({"scope": {"campaigns": ["C-2"]}}, False, False),
        ({"scope": {"accounts": ["a"], "endpoints": ["chat"]}}, True, False),
        ({"scope": {"pathways": ["education"]}}, False, False),
    ],
)
def test_modes_dates_and_scope(tmp_path: Path, changes: dict[str, Any], live: bool, shadow: bool) -> None:
    known = CAMPAIGN | {"request.model": "large", "request.endpoint": "chat"}
    decision = decided(policy(tmp_path, rule(**changes)), known)
    assert (bool(decision.live), bool(decision.shadow)) == (live, shadow)
    assert (decision.answer is not None) is live


def test_a_rule_that_is_not_admitted_is_a_shadow(tmp_path: Path) -> None:
    decision = decided(policy(tmp_path, rule()), CAMPAIGN, admits=lambda *_: False)
    assert (decision.live, decision.shadow, decision.answer, decision.id) == ((), ("stop",), None, "")


@pytest.mark.parametrize(
    ("actions", "answer"),
    [
        (["refuse", "hold"], Refuse()),
        (["hold", {"require_verification": {"level": "phone"}}], Hold()),
        ([{"require_verification": {"level": "phone"}}, "log"], RequireVerification("phone")),
        (["log", "drop_logprobs"], None),
    ],
)
def test_the_hardest_answer_is_taken(tmp_path: Path, actions: list[Any], answer: Any) -> None:
    rules = [rule(id=f"r{place}", do=one) for place, one in enumerate(actions)]
    assert decided(policy(tmp_path, *rules), CAMPAIGN).answer == answer


def test_everything_else_adds_up(tmp_path: Path) -> None:
    first = rule(
        do=["drop_logprobs", {"cap_n": {"n": 4}}, {"reasoning": {"shown": "summary"}}, {"watermark": {"key": "all"}}]
    )
    second = rule(
        id="more", do=[{"cap_n": {"n": 2}}, {"reasoning": {"shown": "none"}}, {"watermark": {"key": "campaign"}}]
    )
    decision = decided(policy(tmp_path, first, second), CAMPAIGN)
    assert (decision.drop_logprobs, decision.most_answers, decision.reasoning, decision.watermark) == (
        True,
        2,
        "none",
        "C-1",
    )


@pytest.mark.parametrize(
    ("of", "known", "counted"),
    [
        ("account", CAMPAIGN, "stop:a"),
        ("campaign", CAMPAIGN, "stop:C-1"),
        ("organization", CAMPAIGN | {"organization.id": "o"}, "stop:o"),
        ("organization", CAMPAIGN, "stop:a"),
    ],
)
def test_who_shares_a_budget(tmp_path: Path, of: str, known: dict[str, Any], counted: str) -> None:
    made = policy(
        tmp_path, rule(do=[{"token_budget": {"tokens": 9, "every": "1h", "of": of}}, {"slow_down": {"per_minute": 6}}])
    )
    decision = decided(made, known)
    assert decision.budgets == ((counted, TokenBudget(9, timedelta(hours=1), of)),)  # type: ignore[arg-type]
    assert decision.rates == (("stop:a", SlowDown(6.0)),)


def test_allow_ends_the_reading(tmp_path: Path) -> None:
    partner = rule(id="partner", when='organization.id == "o"', do="allow")
    made = policy(tmp_path, rule(id="noted", do="log"), partner, rule())
    assert decided(made, CAMPAIGN | {"organization.id": "o"}).live == ("noted", "partner")
    assert decided(made, CAMPAIGN).live == ("noted", "stop")
    shadowed = policy(tmp_path, partner | {"mode": "shadow"}, rule())
    assert decided(shadowed, CAMPAIGN | {"organization.id": "o"}).live == ("stop",), "a shadow exempts nobody"


def test_a_condition_without_a_value_does_not_apply_and_keeps_no_other_from_it(tmp_path: Path) -> None:
    made = policy(tmp_path, rule(id="bad", when="account.score > 0.1 && 1 / request.max_tokens > 0"), rule())
    assert decided(made, CAMPAIGN).live == ("stop",)


def test_unknown_numbers_say_nothing(tmp_path: Path) -> None:
    young = rule(id="young", when="account.age_days < 7.0", do="log")
    old = rule(id="old", when="account.age_days >= 7.0", do="log")
    assert decided(policy(tmp_path, young, old), facts()) == PASS


def test_comments_and_lines_in_conditions(tmp_path: Path) -> None:
    text = 'account.verdict == "campaign" // found\n  && campaign.alarmed // and sure'
    assert decided(policy(tmp_path, rule(when=text), rule(id="other", do="log")), CAMPAIGN).live == ("stop", "other")


def test_waves_take_in_a_campaign_together_and_newcomers_with_the_next(tmp_path: Path) -> None:
    made = policy(tmp_path, rule(wave="1d"))
    start = datetime(2026, 11, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=hour) for hour in range(72)]

    def acts(found_at: datetime, campaign: str = "C-1") -> list[datetime]:
        known = CAMPAIGN | {"campaign.id": campaign}
        return [now for now in hours if decided(made, known, now, found_at).live]

    first = acts(start - timedelta(days=3))[0]
    assert start < first <= start + timedelta(days=1)
    assert acts(first - timedelta(hours=1))[0] == first, "found before the wave, taken with it"
    late = acts(first + timedelta(hours=1))[0]
    assert late == first + timedelta(days=1), "found after it, taken with the next"
    others = {acts(start, f"C-{n}")[0] for n in range(2, 12)}
    assert len(others) > 3, "campaigns have moments of their own"


@pytest.mark.parametrize(
    ("shown", "least"),
    [
        ("reordered summary", "summary"),
        ("summary reordered", "summary"),
        ("none reordered", "none"),
        ("reordered", "reordered"),
    ],
)
def test_of_reasoning_the_least_is_shown_that_a_rule_says(tmp_path: Path, shown: str, least: str) -> None:
    rules = [rule(id=f"r{place}", do={"reasoning": {"shown": one}}) for place, one in enumerate(shown.split())]
    assert decided(policy(tmp_path, *rules), CAMPAIGN).reasoning == least
