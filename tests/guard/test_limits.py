"""Limits and receipts: whom a rule may hit, and when it stops."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from guard_here import HARVESTER, NOW, facts, policy, rule

from stillwatch.errors import BadConfiguration
from stillwatch.guard import receipts
from stillwatch.guard.limits import Limits
from stillwatch.guard.receipts import Receipt

TODAY = NOW.timestamp()


def hit(limits: Limits, one: Any, account: str, verdict: str = "campaign", now: float = TODAY) -> bool:
    return limits.admits(one, facts() | HARVESTER | {"account.id": account, "account.verdict": verdict}, now)


def test_a_day_has_a_limit_and_the_next_its_own(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule(limit={"accounts": 2})).rules
    limits = Limits()
    assert [hit(limits, one, account) for account in "abcab"] == [True, True, False, True, True]
    assert limits.of(one).full == 1 and not limits.of(one).stopped
    assert hit(limits, one, "c", now=TODAY + 86_400)


def test_a_rule_stops_before_it_hits_one_honest_customer_too_many(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule(limit={"honest": 1})).rules
    limits = Limits()
    assert hit(limits, one, "a") and hit(limits, one, "x", "watch") and hit(limits, one, "x", "watch")
    assert not hit(limits, one, "y", "clear")
    assert "1 honest" in limits.of(one).stopped
    assert not hit(limits, one, "a", now=TODAY + 9 * 86_400), "for good"
    (changed,) = policy(tmp_path, rule(limit={"honest": 2})).rules
    assert hit(limits, changed, "a"), "until somebody has changed it"


def test_a_rule_stops_when_whom_it_hit_turns_out_to_be_honest(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule(limit={"honest": 1})).rules
    limits = Limits()
    for account in "abc":
        hit(limits, one, account)
    assert limits.reviewed((one,), {"a": "clear", "b": "campaign"}.get) == [one]  # type: ignore[arg-type]
    assert not hit(limits, one, "b")
    assert limits.reviewed((one,), lambda account: "clear") == [], "it stops once"


def test_what_nobody_notices_has_no_limit(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule(do="log", limit={"accounts": 0})).rules
    assert hit(Limits(), one, "a", "clear")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"at": NOW - timedelta(days=31)}, "longer ago than 30 days"),
        ({"honest": 3}, "3 customers who are in no campaign, and 2 are allowed"),
        ({"accounts_a_day": 11}, "11 accounts on one day, and 10 are allowed"),
        (None, "no backtest"),
    ],
)
def test_live_rules_need_a_backtest_in_order(tmp_path: Path, changes: dict[str, Any] | None, told: str) -> None:
    made = policy(
        tmp_path, rule(limit={"accounts": 10, "honest": 2}), rule(id="shadow", mode="shadow"), rule(id="log", do="log")
    )
    mark = made.rules[0].fingerprint()
    good = {
        "rule": "stop", "fingerprint": mark, "at": NOW, "window_from": NOW, "window_to": NOW, "accounts_a_day": 10,
        "accounts": 99, "honest": 2,
    }  # fmt: skip
    passed = {} if changes is None else {mark: Receipt(**{**good, **changes})}
    found = receipts.objections(made, passed, NOW)
    assert set(found) == ({"stop"} if told else set()) and told in found.get("stop", "")


def test_receipts_are_kept_beside_the_policy(tmp_path: Path) -> None:
    path = receipts.beside(tmp_path / "policy.yaml")
    assert receipts.read(path) == {}
    one = Receipt("stop", "f", NOW, NOW, NOW, 1, 2, 3)
    receipts.write(path, {"f": one})
    assert receipts.read(path) == {"f": one}
    path.write_text('[{"rule": "stop"}]')
    with pytest.raises(BadConfiguration, match="field required"):
        receipts.read(path)
