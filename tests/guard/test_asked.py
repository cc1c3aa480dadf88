"""Who was asked to prove something, as a fact: read again when the file changes, forgotten when it is over."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from guard_here import NOW, policy, rule

from stillwatch.config import Config
from stillwatch.guard import receipts
from stillwatch.guard.guard import Guard
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.refreshed import Refreshed, Sources

TODAY = NOW.timestamp()
SLOW = rule(
    id="hold-the-overdue", when='account.step_up == "overdue"', do={"slow_down": {"per_minute": 6, "burst": 2}},
    limit={"accounts": 200, "honest": 200},
)  # fmt: skip


def told(side: Path, *rows: dict[str, Any]) -> None:
    path = side / "verifications.jsonl"
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    os.utime(path, ns=(max(before, path.stat().st_mtime_ns) + 10**9,) * 2)


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Guard, Refreshed, Path]:
    made = policy(tmp_path, SLOW)
    mark = made.rules[0].fingerprint()
    receipts.write(receipts.beside(tmp_path / "policy.yaml"), {mark: Receipt("r", mark, NOW, NOW, NOW, 0, 0, 0)})
    side = tmp_path / "side"
    side.mkdir()
    sources = Sources(tmp_path / "policy.yaml", None, side)
    guard = Guard(*sources.rules(), sources.found(Config()), b"secret", TODAY)
    return guard, Refreshed(guard, sources, Config(), lambda call, *given: call(*given), print), side


def test_a_rule_limits_whoever_is_overdue_and_nobody_else(kept: tuple[Guard, Refreshed, Path]) -> None:
    guard, refreshed, side = kept
    assert not guard.decide({}, "late", "", TODAY).live, "no file yet"
    week = (NOW + timedelta(days=7)).isoformat()
    told(
        side,
        {"account_id": "late", "step_up": "overdue", "since": NOW.isoformat(), "expires_at": week},
        {"account_id": "asked", "step_up": "asked"},
        {"account_id": "helped", "step_up": "helped"},
    )
    refreshed.once()
    assert guard.decide({}, "late", "", TODAY).live == ("hold-the-overdue",)
    assert not guard.decide({}, "late", "", TODAY - 1).live, "not yet"
    assert not guard.decide({}, "late", "", TODAY + 8 * 86_400).live, "over by itself"
    assert not any(guard.decide({}, one, "", TODAY).live for one in ("asked", "helped", "nobody", ""))
    told(side, {"account_id": "late", "step_up": "passed"})
    refreshed.once()
    assert not guard.decide({}, "late", "", TODAY).live


def test_what_cannot_be_read_leaves_nobody_limited_by_mistake(kept: tuple[Guard, Refreshed, Path]) -> None:
    guard, refreshed, side = kept
    told(side, {"account_id": "late", "step_up": "overdue"}, {"step_up": "overdue"}, {"account_id": "x"})
    refreshed.once()
    assert guard.decide({}, "late", "", TODAY).live and not guard.decide({}, "x", "", TODAY).live
    (side / "verifications.jsonl").unlink()
    refreshed.once()
    assert not guard.decide({}, "late", "", TODAY).live
