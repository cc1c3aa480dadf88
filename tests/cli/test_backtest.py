"""`stillwatch backtest` and `stillwatch policy check`, as a person and a script use them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from backtest_here import write_log, write_result
from guard_here import policy, rule

import stillwatch
from stillwatch import tables
from stillwatch.config import Config
from stillwatch.guard import policy as policies
from stillwatch.guard import receipts
from stillwatch.guard.backtest import backtest
from stillwatch.run import Place, replay
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load

EXAMPLE = Path(stillwatch.__file__).parent / "data/policies/example.yaml"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, Path]:
    """A log of an honest customer and one who is found on the fourth day, and the result of a replay."""
    log = write_log(tmp_path / "log", [("o", 1, {"stream": True}), ("h", 50), ("h", 80)])
    return log, write_result(tmp_path / "out", {72.0: {"h": "harvester"}, 96.0: {"h": "harvester"}}, ["x1", "x2"])


def test_a_rule_in_order_gets_its_receipt(stillwatch: Run, history: tuple[Path, Path], tmp_path: Path) -> None:
    log, result = history
    policy(tmp_path, rule(), rule(id="idle", mode="shadow", when="request.stream"))
    asked = ("backtest", tmp_path / "policy.yaml", log, "--result", result, "--out", tmp_path / "bt", "--quiet")
    code, out, err = stillwatch(*asked, "--json")
    document = json.loads(out)
    assert (code, err, document["schema_version"]) == (0, "", 1)
    assert [(one["id"], one["mode"], bool(one["objection"])) for one in document["rules"]] == [
        ("stop", "live", False), ("idle", "shadow", True),
    ]  # fmt: skip
    assert json.loads((tmp_path / "bt/backtest.json").read_bytes()) == document
    assert pq.read_schema(tmp_path / "bt/backtest.parquet").equals(tables.RESULT_BACKTEST.schema)
    assert {one.rule for one in receipts.read(tmp_path / "policy.yaml.backtests.json").values()} == {"stop", "idle"}
    code, out, _ = stillwatch(*asked)
    assert code == 0 and "stop: may act" in out and "idle: could not go live" in out and "50.0% of 2" in out


def test_a_live_rule_that_may_not_act_is_1(stillwatch: Run, history: tuple[Path, Path], tmp_path: Path) -> None:
    log, result = history
    policy(tmp_path, rule(when="request.stream"))
    asked = ("backtest", tmp_path / "policy.yaml", log, "--result", result, "--quiet")
    code, out, _ = stillwatch(*asked, "--no-receipts")
    assert code == 1 and "hit 1 customers" in out and not (tmp_path / "policy.yaml.backtests.json").exists()
    code, out, _ = stillwatch(*asked, "--against", tmp_path / "policy.yaml", "--json")
    assert code == 1 and json.loads(out)["against"]["gained"]["accounts"] == 0


def test_receipts_of_other_rules_are_kept_while_they_speak(
    stillwatch: Run, history: tuple[Path, Path], tmp_path: Path
) -> None:
    log, result = history
    now, path = datetime.now(UTC), tmp_path / "policy.yaml.backtests.json"
    kept, stale = (
        receipts.Receipt(name, name, now - timedelta(days=days), now, now, 0, 0, 0)
        for name, days in (("kept", 9), ("stale", 31))
    )
    receipts.write(path, {"kept": kept, "stale": stale})
    made = policy(tmp_path, rule())
    stillwatch("backtest", tmp_path / "policy.yaml", log, "--result", result, "--quiet")
    assert set(receipts.read(path)) == {"kept", made.rules[0].fingerprint()}


def test_a_result_that_is_not_there_is_10(stillwatch: Run, history: tuple[Path, Path], tmp_path: Path) -> None:
    policy(tmp_path, rule())
    code, out, err = stillwatch(
        "backtest", tmp_path / "policy.yaml", history[0], "--result", tmp_path / "none", "--quiet"
    )
    assert (code, out) == (10, "") and "none" in err


def test_a_policy_is_checked(stillwatch: Run, tmp_path: Path) -> None:
    policy(tmp_path, rule(), rule(id="idle", mode="shadow"))
    code, out, _ = stillwatch("policy", "check", tmp_path / "policy.yaml")
    assert code == 0 and "stop: may not act: no backtest" in out and "idle" in out and "trust@example.com" in out
    code, out, _ = stillwatch("policy", "check", tmp_path / "policy.yaml", "--json")
    assert [(one["id"], bool(one["objection"])) for one in json.loads(out)["rules"]] == [
        ("stop", True),
        ("idle", False),
    ]
    (tmp_path / "policy.yaml").write_text("rules: []")
    code, out, err = stillwatch("policy", "check", tmp_path / "policy.yaml")
    assert (code, out) == (12, "") and "appeal" in err


def test_the_example_is_all_shadows_with_reasons() -> None:
    rules = policies.read(EXAMPLE).rules
    assert {one.mode for one in rules} == {"shadow"} and all(one.reason.endswith(".") for one in rules)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks of made traffic with three campaigns, looked at once a week."""
    folder = tmp_path_factory.mktemp("world")
    make(folder, load("disclosure-2026-02"), scale=0.002, seed=238)
    replay(Place(folder / "log", folder / "out"), timedelta(days=7), Config())
    return folder


@pytest.mark.slow
def test_the_example_stops_most_of_a_harvest_and_hits_nobody_honest(world: Path, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "policy.yaml")
    found = backtest(policies.read(tmp_path / "policy.yaml"), world / "log", world / "out", Config()).document
    harvest: dict[str, Any] = found["harvest"]
    assert harvest["stopped"]["exchanges"] > 0.5 * harvest["exchanges"] > 0
    hard = [one for one in found["rules"] if set(one["actions"]) & {"refuse", "hold", "require_verification"}]
    assert len(hard) == 3 and [one["truth"]["ordinary"] for one in hard] == [0, 0, 0]
    assert [one["objection"] for one in hard] == ["", "", ""]
