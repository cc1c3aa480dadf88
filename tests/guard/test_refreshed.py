"""A guard that is kept up to date: files change, some of them for the worse, and it goes on."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from guard_here import HARVESTER, NOW, policy, rule

from stillwatch.config import Config
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.guard import receipts
from stillwatch.guard.guard import Guard
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.refreshed import Refreshed, Sources

TODAY = NOW.timestamp()
CONFIG = Config()


@pytest.fixture
def kept(tmp_path: Path, ring: Any) -> Any:
    """A guard over a copy of a result, what keeps it up to date, and what that says."""
    result = tmp_path / "out"
    result.mkdir()
    for name in ("campaigns.json", "accounts.parquet"):
        shutil.copy(ring.out / name, result / name)
    made = policy(tmp_path, rule())
    mark = made.rules[0].fingerprint()
    receipts.write(receipts.beside(tmp_path / "policy.yaml"), {mark: Receipt("stop", mark, NOW, NOW, NOW, 0, 0, 0)})
    sources = Sources(tmp_path / "policy.yaml", result, ring.log)
    guard = Guard(*sources.rules(), sources.found(CONFIG), b"secret", TODAY)
    said: list[str] = []
    return guard, Refreshed(guard, sources, CONFIG, lambda call, *given: call(*given), said.append), said, result


def member(ring: Any) -> str:
    rows = orjson.loads((ring.out / "campaigns.json").read_bytes())["campaigns"]
    assert len(rows) == 1
    return next(iter(Sources(Path("policy.yaml"), ring.out).found(CONFIG).found_at))


def changed(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**9,) * 2)  # file systems keep times more coarsely than tests write


def test_a_policy_that_changes(kept: Any, ring: Any) -> None:
    guard, refreshed, said, result = kept
    one = member(ring)
    assert guard.decide({}, one, "", TODAY).answer
    path = result.parent / "policy.yaml"
    changed(path, path.read_bytes().replace(b"mode: live", b"mode: 'off'"))
    refreshed.once()
    assert not guard.decide({}, one, "", TODAY).live and said == []


def test_a_policy_with_a_mistake_leaves_the_one_before(kept: Any, ring: Any) -> None:
    guard, refreshed, said, result = kept
    path = result.parent / "policy.yaml"
    good = path.read_bytes()
    changed(path, b"rules: [")
    refreshed.once()
    refreshed.once()
    assert guard.decide({}, member(ring), "", TODAY).answer
    assert len(said) == 1 and "policy.yaml" in said[0] and refreshed.problem
    changed(path, good)
    refreshed.once()
    assert refreshed.problem == ""


def test_a_newer_result(kept: Any, ring: Any) -> None:
    guard, refreshed, _, result = kept
    one = member(ring)
    found = orjson.loads((result / "campaigns.json").read_bytes())
    found["campaigns"][0]["confidence"] = 0.123
    changed(result / "campaigns.json", orjson.dumps(found))
    refreshed.once()
    assert guard.known.of(one)["campaign.confidence"] == 0.123


@pytest.mark.parametrize("name", ["campaigns.json", "accounts.parquet"])
def test_a_result_that_is_broken_or_gone(kept: Any, ring: Any, name: str) -> None:
    guard, refreshed, said, result = kept
    changed(result / name, b"{")
    refreshed.once()
    (result / name).unlink()
    refreshed.once()
    assert guard.decide({}, member(ring), "", TODAY).answer and said


def test_the_result_of_a_watch_is_a_link_to_its_last_look(kept: Any, ring: Any, tmp_path: Path) -> None:
    guard, refreshed, _, result = kept
    link = tmp_path / "result"
    link.symlink_to(result)
    refreshed = Refreshed(
        guard, replace(refreshed._sources, result=link), CONFIG, lambda call, *given: call(*given), print
    )
    other = tmp_path / "other"
    shutil.copytree(result, other)
    found = orjson.loads((other / "campaigns.json").read_bytes())
    found["campaigns"][0]["accounts"] = 77
    (other / "campaigns.json").write_bytes(orjson.dumps(found))
    (tmp_path / "draft").symlink_to(other)
    (tmp_path / "draft").replace(link)
    refreshed.once()
    assert guard.known.of(member(ring))["campaign.accounts"] == 77


def test_at_the_start_mistakes_are_errors(tmp_path: Path, ring: Any) -> None:
    policy(tmp_path, rule())
    with pytest.raises(NothingToRead, match="no result to decide by"):
        Sources(tmp_path / "policy.yaml", tmp_path).found(CONFIG)
    with pytest.raises(BadConfiguration, match="policy not readable"):
        Sources(tmp_path / "none.yaml").rules()
    assert Sources(tmp_path / "policy.yaml").found(CONFIG).of(HARVESTER["account.id"]) == {}
