"""Ties as reasons: the share of members a tie holds, against the share it holds elsewhere."""

from __future__ import annotations

from typing import Any

from stillwatch.campaigns.coordination import chance_reason, tie_reasons
from stillwatch.config import Config
from stillwatch.evidence import Reason

CONFIG = Config().campaigns
WORDS = {"shared_payment": ("pay alike", "a family")}


def said(tied: int, members: int, outside: tuple[int, int] | None) -> list[Reason]:
    ties: list[dict[str, Any]] = [{"kind": "shared_payment", "tied": tied, "values": 3}]
    elsewhere = {} if outside is None else {"shared_payment": {"accounts": outside[0], "tied": outside[1]}}
    return tie_reasons("G-1", members, ties, elsewhere, WORDS, CONFIG)


def test_more_than_elsewhere() -> None:
    (reason,) = said(18, 20, (1000, 10))
    assert (reason.code, reason.finding, reason.innocent_explanation) == ("shared_payment", "coordination", "a family")
    assert reason.text.startswith("18 of 20 members pay alike") and "1.0% of others" in reason.text
    assert 0 < reason.weight <= CONFIG.cap_bits and reason.value == 18
    assert "'G-1'" in reason.query and "'shared_payment'" in reason.query


def test_as_often_as_elsewhere_says_nothing() -> None:
    assert said(10, 20, (1000, 500)) == []


def test_few_members_say_nothing() -> None:
    assert said(CONFIG.min_tied - 1, 5, (1000, 0)) == []


def test_where_nobody_else_holds_a_value_the_comparison_is_cautious() -> None:
    (known,) = said(18, 20, (1000, 10))
    unknown = said(18, 20, None)
    assert not unknown or unknown[0].weight < known.weight


def test_chance_takes_away_and_adds_little() -> None:
    beyond = chance_reason("G-1", 100.0, CONFIG.max_chance_p, 19, CONFIG)
    by_chance = chance_reason("G-1", 100.0, CONFIG.max_chance_p * 2, 19, CONFIG)
    assert by_chance.weight < 0 < beyond.weight < CONFIG.prior_bits
