"""Backtests: what a policy would have done on a log, by what was known at each moment of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backtest_here import at, backtested
from guard_here import policy, rule
from templates_here import FRAME, SHARED

from stillwatch.guard.backtest import Backtest

DAY = 24
H = "harvester"
HARVESTED = {72.0: {"h": H}, 96.0: {"h": H}}  # found on the fourth day


def told(found: Backtest, name: str = "stop") -> dict[str, Any]:
    return next(one for one in found.document["rules"] if one["id"] == name)


def met(found: Backtest, name: str = "stop") -> dict[str, tuple[int, int, int]]:
    """By account: exchanges that a rule asked for, was let act on, and left without an answer."""
    return {
        row["account_id"]: (row["asked"], row["let_through"], row["stopped"])
        for row in found.rows.to_pylist()
        if row["rule"] == name
    }


def test_nobody_is_acted_on_before_the_look_that_found_him(tmp_path: Path) -> None:
    sent = [("h", 48), ("o", 50), ("h", 71.9), ("h", 72), ("h", 90), ("o", 91), ("h", 100)]
    found = backtested(tmp_path, [rule()], sent, HARVESTED, harvested=["x0", "x2", "x3", "x4", "x6", "gone"])
    assert met(found) == {"h": (3, 3, 3)}
    assert found.rows["first_at"].to_pylist() == [at(72)]
    harvest = found.document["harvest"]
    assert (harvest["exchanges"], harvest["stopped"]) == (5, {"exchanges": 3, "output_tokens": 150})
    assert harvest["campaigns"][0]["hours_to_first_stop"] == 24.0
    assert (found.document["found_in_log"], found.document["attributed"]) == (5, 6)
    assert not found.document["standing"]["hindsight"]


def test_whoever_is_found_no_more_is_left_alone(tmp_path: Path) -> None:
    sent = [("h", 80), ("h", 100), ("h", 130)]
    found = backtested(tmp_path, [rule()], sent, {72.0: {"h": H}, 96.0: {}, 120.0: {"o": H}})
    assert met(found) == {"h": (1, 1, 1)}
    assert told(found)["honest"] | {"groups": []} == {"accounts": 1, "groups": [], "examples": ["h"]}


def test_a_scan_is_hindsight_and_is_not_enough_for_a_live_rule(tmp_path: Path) -> None:
    rules = [
        rule(), rule(id="excused", hindsight_will_do="an attack under way"),
        rule(id="cloud", when='account.pathway == "cloud"'),
    ]  # fmt: skip
    sent = [("h", 1), ("h", 80)]
    found = backtested(tmp_path, rules, sent, HARVESTED, replayed=False)
    assert met(found) == {"h": (2, 2, 2)} and found.document["standing"] == {"hindsight": True, "looks": 0}
    assert set(found.refused) == {"stop"} and "replay" in found.refused["stop"]


@pytest.mark.parametrize("order", [1, -1])
def test_rows_may_come_in_any_order(tmp_path: Path, order: int) -> None:
    sent = [("h", hours) for hours in (10, 80, 75, 30, 100)][::order]
    assert met(backtested(tmp_path, [rule()], sent, HARVESTED)) == {"h": (3, 3, 3)}


def test_an_exchange_that_was_logged_twice_counts_once(tmp_path: Path) -> None:
    again = {"exchange_id": "x0"}
    found = backtested(tmp_path, [rule()], [("h", 80), ("h", 81), ("h", 80, again)], HARVESTED)
    assert (met(found), found.rejected, found.document["exchanges"]) == ({"h": (2, 2, 2)}, 1, 2)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"when": 'request.model == "large" && account.verdict == "campaign"'}, {"h": 1}),
        ({"when": "request.logprobs || request.stream"}, {"o": 2}),
        ({"when": "request.tools > 1"}, {"o": 1}),
        ({"when": "request.max_tokens >= 500"}, {"h": 1}),
        ({"scope": {"models": ["large"]}, "when": "true"}, {"h": 1, "o": 1}),
        ({"scope": {"accounts": ["o"]}, "when": "true"}, {"o": 2}),
        ({"scope": {"pathways": ["cloud"]}, "when": "true"}, {"o": 2}),
        ({"when": "account.age_days < 4.0"}, {"o": 1}),
        ({"when": "organization.declared"}, {"h": 1}),
        ({"when": 'organization.id == "acme"'}, {"h": 1, "o": 2}),
        ({"when": 'campaign.id == "C-1" && campaign.accounts == 1 && campaign.fraud > 0.9'}, {"h": 2}),
        ({"when": 'account.verdict == "watch"'}, {"w": 1}),
        ({"mode": "shadow"}, {"h": 2}),
        ({"mode": "off"}, {}),
        ({"starts": "2027-01-01", "expires": "2027-02-01"}, {"h": 2}),
    ],
)
def test_facts_that_a_log_tells(tmp_path: Path, changes: dict[str, Any], asked: dict[str, int]) -> None:
    sent = [
        ("h", 80, {"model": "large", "max_tokens": 500}), ("h", 81, {"organization_id": "declared"}),
        ("o", 82, {"model": "large", "logprobs": True, "tools": '[{"name": "a"}, {"name": "b"}]'}),
        ("o", 120, {"stream": True}), ("w", 83),
    ]  # fmt: skip
    accounts = [
        {"account_id": "o", "pathway": "cloud", "created_at": at(0).isoformat(), "organization_id": "acme"},
        {"account_id": "h", "organization_id": "acme"},
    ]
    (tmp_path / "log").mkdir()
    (tmp_path / "log/declared.jsonl").write_text('{"kind": "organization", "id": "declared"}\n')
    looks = {72.0: {"h": H, "w": "watch"}, 96.0: {"h": H}}
    found = backtested(tmp_path, [rule(**changes)], sent, looks, accounts)
    assert {account: counts[0] for account, counts in met(found).items()} == asked


def test_dates_count_when_they_are_asked_for(tmp_path: Path) -> None:
    dated = rule(starts=at(80).isoformat(), expires=at(90).isoformat())
    sent = [("h", hours) for hours in (79, 80, 89.9, 90)]
    assert met(backtested(tmp_path / "a", [dated], sent, HARVESTED, as_dated=True)) == {"h": (2, 2, 2)}
    assert met(backtested(tmp_path / "b", [dated], sent, HARVESTED)) == {"h": (4, 4, 4)}


def test_a_wave_takes_in_a_campaign_together(tmp_path: Path) -> None:
    sent = [(account, 72 + hour) for hour in range(72) for account in "hi"]
    found = backtested(tmp_path, [rule(wave="1d")], sent, {72.0: {"h": H}, 73.0: {"h": H, "i": H}})
    first = {row["account_id"]: row["first_at"] for row in found.rows.to_pylist()}
    assert first["h"] == first["i"] and at(72) < first["h"] <= at(72 + 25)


def test_limits_hold_back_and_both_are_told(tmp_path: Path) -> None:
    sent = [("h", 80), ("i", 81), ("j", 82), ("h", 83), ("i", 84), ("i", 97)]
    looks = {72.0: dict.fromkeys("hij", H), 96.0: dict.fromkeys("hij", H)}
    found = backtested(tmp_path, [rule(limit={"accounts": 1})], sent, looks, harvested=[f"x{n}" for n in range(6)])
    assert met(found) == {"h": (2, 2, 2), "i": (3, 1, 1), "j": (1, 0, 0)}
    assert told(found)["asked"] == {"exchanges": 6, "accounts": 3, "accounts_a_day": 3}
    assert told(found)["let_through"] == {"exchanges": 3, "accounts": 2}
    harvest = found.document["harvest"]
    assert (harvest["stopped"]["exchanges"], harvest["stopped_without_limits"]["exchanges"]) == (3, 6)
    assert "3 accounts on one day, and 1 are allowed" in found.refused["stop"]


def test_a_rule_stops_at_the_customer_too_many_and_may_not_go_live(tmp_path: Path) -> None:
    everybody = rule(when="request.stream", limit={"honest": 1})
    sent = [(account, hours, {"stream": True}) for account, hours in [("a", 1), ("b", 2), ("a", 3), ("h", 80)]]
    found = backtested(tmp_path, [everybody], sent, HARVESTED)
    assert met(found) == {"a": (2, 1, 1), "b": (1, 0, 0), "h": (1, 0, 0)}
    assert "honest" in told(found)["limit"]["stopped"] and told(found)["honest"]["accounts"] == 2
    (receipt,) = found.receipts.values()
    assert (receipt.honest, receipt.accounts, receipt.accounts_a_day, receipt.hindsight) == (2, 3, 2, False)
    assert found.refused == {"stop": "its backtest hit 2 customers who are in no campaign, and 1 are allowed"}


@pytest.mark.parametrize(
    ("of", "stopped"),
    [
        ("account", {"h": 1, "i": 0, "o": 1}),
        ("campaign", {"h": 2, "i": 1, "o": 1}),
        ("organization", {"h": 2, "i": 0, "o": 2}),
    ],
)
def test_budgets_are_exact_and_full_again(tmp_path: Path, of: str, stopped: dict[str, int]) -> None:
    """100 tokens a request and 250 an hour: the third of an hour finds too little left, whoever shares it."""
    budget = {"token_budget": {"tokens": 250, "every": "1h", "of": of}}
    sent = [(account, 80 + 0.1 * place, {"stream": True}) for place, account in enumerate("hiohooih")]
    accounts = [{"account_id": name, "organization_id": "one"} for name in "ho"]
    looks = {hours: dict.fromkeys("hi", H) for hours in (72.0, 96.0)}
    rules = [rule(when="request.stream", do=budget, limit={"honest": 9})]
    found = backtested(tmp_path, rules, [*sent, ("h", 81, {"stream": True})], looks, accounts)
    assert {name: counts[2] for name, counts in met(found).items()} == stopped
    assert met(found)["h"][:2] == (4, 4)


@pytest.mark.parametrize(("burst", "stopped"), [(1, 3), (3, 1)])
def test_rates_let_a_burst_and_then_so_many_a_minute(tmp_path: Path, burst: int, stopped: int) -> None:
    slow = rule(do={"slow_down": {"per_minute": 1, "burst": burst}})
    minutes = (0, 0.1, 0.2, 0.3, 5)
    found = backtested(tmp_path, [slow], [("h", 80 + minute / 60) for minute in minutes], HARVESTED)
    assert met(found) == {"h": (5, 5, stopped)}


def test_whoever_comes_a_moment_early_waits_and_is_answered(tmp_path: Path) -> None:
    slow = rule(do={"slow_down": {"per_minute": 30}})  # one in two seconds, and two seconds' patience
    found = backtested(tmp_path, [slow], [("h", 80 + second / 3600) for second in (0, 1, 1.5, 2, 4)], HARVESTED)
    assert met(found) == {"h": (5, 5, 1)}, "the third is told to come again, the others wait two seconds at most"


def test_an_answer_that_is_longer_than_what_is_left_ends_there(tmp_path: Path) -> None:
    budget = rule(do={"token_budget": {"tokens": 180, "every": "1d"}})
    found = backtested(tmp_path, [budget], [("h", 80), ("h", 81), ("h", 82), ("h", 96)], HARVESTED)
    assert met(found) == {"h": (4, 4, 1)}


def test_what_is_refused_takes_nothing_from_a_budget(tmp_path: Path) -> None:
    rules = [
        rule(id="refuse", when='request.model == "a" && campaign.alarmed'),
        rule(do={"token_budget": {"tokens": 100, "every": "1d"}}),
    ]
    found = backtested(tmp_path, rules, [("h", 80, {"model": "a"}), ("h", 81), ("h", 82)], HARVESTED)
    assert (met(found, "refuse")["h"], met(found)["h"]) == ((1, 1, 1), (3, 3, 1))


def test_honest_customers_are_told_by_group(tmp_path: Path) -> None:
    accounts = [
        {"account_id": "a", "pathway": "education", "verification": "phone", "created_at": "2025-01-01T00:00:00Z"},
        {"account_id": "b", "pathway": "startup", "organization_id": "acme", "created_at": at(0).isoformat()},
        {"account_id": "c", "pathway": "startup", "organization_id": "acme"},
    ]
    sent = [("a", 1, {"stream": True}), ("b", 2, {"stream": True}), ("c", 3), ("h", 80, {"stream": True})]
    found = backtested(tmp_path, [rule(when="request.stream")], sent, HARVESTED, accounts)
    honest = told(found)["honest"]
    assert {(one["kind"], one["group"]): (one["hit"], one["of"]) for one in honest["groups"]} == {
        ("pathway", "education"): (1, 1), ("pathway", "startup"): (1, 2),
        ("verification", "phone"): (1, 1), ("verification", "unknown"): (1, 2),
        ("organisation", "not declared"): (2, 3),
        ("age", "older than 60 days"): (1, 1), ("age", "up to 60 days, or unknown"): (1, 2),
        ("size of organisation", "in none"): (1, 1), ("size of organisation", "2 to 9 accounts"): (1, 2),
    }  # fmt: skip
    assert sorted(honest["examples"]) == ["a", "b"] and told(found)["roles"] == {H: 1}


def test_victims_are_told_apart_and_labels_tell_the_truth(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    labels = [("h", "reasoning", "reasoning"), ("v", "hydra", "hydra"), ("i", "campus", None)]
    columns = zip(("account_id", "group", "campaign"), zip(*labels, strict=True), strict=True)
    pq.write_table(pa.table({name: list(values) for name, values in columns}), tmp_path / "labels/accounts.parquet")
    looks = {72.0: {"h": H, "v": "victim", "i": "carrier"}}
    looks[96.0] = looks[72.0]
    found = backtested(tmp_path, [rule()], [("h", 80), ("v", 81), ("i", 82)], looks)
    assert told(found)["roles"] == {"carrier": 1, H: 1, "victim": 1} and told(found)["honest"]["accounts"] == 0
    assert told(found)["truth"] == {"ordinary": 1, "of": 1, "groups": {"campus": 1}}


def test_another_policy_is_compared(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = policy(tmp_path / "other", rule(id="stream", when="request.stream", limit={"honest": 9}))
    sent = [("h", 80), ("o", 81, {"stream": True})]
    against = backtested(tmp_path, [rule()], sent, HARVESTED, other=other).document["against"]
    assert [(against[name]["accounts"], against[name]["honest"]) for name in ("gained", "lost")] == [(1, 0), (1, 1)]
    assert against["lost"]["examples"] == ["o"]


def test_what_no_log_tells_is_said(tmp_path: Path) -> None:
    found = backtested(tmp_path, [rule(when="request.n > 1 && campaign.alarmed")], [("h", 80)], HARVESTED)
    assert (met(found), told(found)["untold"]) == ({}, ["request.n"])


FITTING = [
    ("h", 60, {"prompt": FRAME.format("before the look")}), ("h", 72, {"prompt": FRAME.format("with it")}),
    ("o", 81, {"prompt": "something else"}), ("o", 100, {"prompt": FRAME.format("of nobody any more")}),
    ("p", 101, {"messages": [{"role": "user", "content": SHARED.format("in a conversation")}], "prompt": None}),
]  # fmt: skip
OWN = {72.0: [("C-1", FRAME.format("")), (None, SHARED.format(""))], 96.0: [("C-2", SHARED.format(""))]}


@pytest.mark.parametrize(
    ("when", "replayed", "asked"),
    [
        ("request.templates.size() > 0", True, {"h": 1, "p": 1}),
        ('"C-1" in request.templates', True, {"h": 1}),
        ('account.verdict == "watch" && "C-2" in request.templates', True, {"p": 1}),
        ('"C-2" in request.templates', False, {"p": 1}),  # by the last look, from the beginning
        ('"C-1" in request.templates', False, {}),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_message_fits_what_the_look_before_it_found(
    tmp_path: Path, when: str, replayed: bool, asked: dict[str, int], order: int
) -> None:
    looks = {72.0: {"p": "watch"}, 96.0: {"p": "watch"}}
    found = backtested(tmp_path, [rule(when=when, do="log")], FITTING[::order], looks, replayed=replayed, own=OWN)
    assert {account: counts[0] for account, counts in met(found).items()} == asked
    assert told(found)["untold"] == []


def test_templates_of_hindsight_and_of_an_older_result(tmp_path: Path) -> None:
    fitting = rule(when="account.age_days < 14.0 && request.templates.size() > 0", do="drop_logprobs")
    hindsight = backtested(tmp_path / "scan", [fitting], FITTING, HARVESTED, replayed=False, own=OWN)
    assert "replay" in hindsight.refused["stop"]
    older = backtested(tmp_path / "older", [fitting], FITTING, HARVESTED)
    assert (met(older), told(older)["untold"]) == ({}, ["request.templates"])


def test_an_allowed_customer_is_passed_by(tmp_path: Path) -> None:
    rules = [rule(id="friends", when='account.id == "h"', do="allow"), rule(), rule(id="note", do="log")]
    looks = {hours: {"h": H, "i": H} for hours in (72.0, 96.0)}
    found = backtested(tmp_path, rules, [("h", 80), ("i", 81)], looks)
    assert (met(found), set(met(found, "note")), set(found.refused)) == ({"i": (1, 1, 1)}, {"i"}, set())
    assert {one["action"]: one["accounts"] for one in found.document["actions"]} == {"allow": 1, "refuse": 1, "log": 1}


def test_days_are_counted_apart(tmp_path: Path) -> None:
    looks = {hours: dict.fromkeys("hij", H) for hours in (0.0, 96.0)}
    sent = [("h", 1), ("h", 2), ("i", 3), ("h", DAY + 1), ("j", DAY + 2), ("i", 2 * DAY)]
    found = backtested(tmp_path, [rule()], sent, looks, now=at(0) + timedelta(days=9))
    assert told(found)["asked"] == {"exchanges": 6, "accounts": 3, "accounts_a_day": 2}
