"""Limits over a restart: what was written is what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from guard_here import HARVESTER, NOW, facts, policy, rule

from stillwatch.errors import BadConfiguration
from stillwatch.guard import limits as kept
from stillwatch.guard.limits import Limits

TODAY = NOW.timestamp()
DAY = 86_400.0  # seconds


def hit(limits: Limits, one: Any, account: str, verdict: str = "campaign", now: float = TODAY) -> bool:
    return limits.admits(one, facts() | HARVESTER | {"account.id": account, "account.verdict": verdict}, now)


def restarted(path: Path, limits: Limits, *rules: Any, now: float = TODAY) -> Limits:
    kept.write(path, limits, rules, now)
    return kept.read(path)


def test_a_rule_goes_on_where_it_was(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule(limit={"accounts": 2, "honest": 1})).rules
    limits = Limits()
    assert hit(limits, one, "a") and hit(limits, one, "ü", "watch") and not hit(limits, one, "c")
    again = restarted(tmp_path / "limits.json", limits, one)
    assert again.hits == limits.hits and (again.of(one).today, again.of(one).full) == ({"a", "ü"}, 1)
    assert not hit(again, one, "c") and hit(again, one, "c", now=TODAY + DAY)
    assert not hit(again, one, "y", "watch", TODAY + DAY), "of the honest one allowed it knows as well"


def test_a_stopped_rule_stays_stopped_as_long_as_it_stands(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule()).rules
    limits = Limits()
    assert not hit(limits, one, "x", "watch")
    again = restarted(tmp_path / "limits.json", limits, one, now=TODAY + 200 * DAY)
    assert not hit(again, one, "a", now=TODAY + 200 * DAY) and again.of(one).stopped == limits.of(one).stopped


@pytest.mark.parametrize(("days", "stopped"), [(0, True), (90, True), (91, False)])
def test_a_rule_that_has_left_the_policy_is_forgotten_in_the_end(tmp_path: Path, days: int, stopped: bool) -> None:
    (one,) = policy(tmp_path, rule()).rules
    limits = Limits()
    hit(limits, one, "x", "watch")
    again = restarted(tmp_path / "limits.json", limits, now=TODAY + days * DAY)
    assert bool(again.of(one).stopped) is stopped


def test_names_that_are_no_text_do_not_keep_it_from_being_written(tmp_path: Path) -> None:
    (one,) = policy(tmp_path, rule()).rules
    limits = Limits()
    hit(limits, one, "\ud800")
    assert restarted(tmp_path / "limits.json", limits, one).of(one).ever == {"?"}


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    assert kept.read(path).hits == {}
    kept.write(path, Limits(), (), TODAY)
    assert [one.name for one in tmp_path.iterdir()] == ["limits.json"]


@pytest.mark.parametrize("found", ["", "{", "[]", '{"f": {"stoped": ""}}', '{"f": {"today": "a"}}', "\ud800"])
def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path, found: str) -> None:
    path = tmp_path / "limits.json"
    path.write_bytes(found.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadConfiguration, match=r"limits\.json"):
        kept.read(path)
