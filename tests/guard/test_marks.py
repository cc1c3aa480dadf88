"""Watermark keys on their way: only for whom a rule hits, where the engine takes one, and never before it was committed to."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from guard_files import acting
from guard_here import NOW, policy, rule
from guard_placed import Placed
from marks_here import committed, marked

from stillwatch import keyfiles
from stillwatch.config import Watermark as Settings
from stillwatch.evidence import FINDINGS
from stillwatch.guard.guard import Guard
from stillwatch.guard.indicators import Indicators
from stillwatch.guard.known import Known, campaign_facts
from stillwatch.guard.marks import Marks, watermarks
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.registered import Registered
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import ALL, Secret, epoch

ASKED = [{"role": "user", "content": "What is the answer?"}]
WEEK = 7 * 86_400  # seconds
AT = NOW.timestamp()
SECRET = Secret(bytes(32))
MARKING = {"do": {"watermark": {"key": "campaign"}}}


def key_of(folder: Path, scope: str) -> str:
    return Secret(keyfiles.read(folder / "secret")).key(scope, epoch(time.time(), WEEK)).key


def ask(placed: Placed, *keys: str) -> list[Any]:
    """What the model's server is told of a watermark, for each key."""
    for key in keys:
        placed.openai(key).chat.completions.create(model="m", messages=ASKED, extra_body={"watermark": {"key": "00"}})
    return [one["body"].get("watermark") for one in placed.upstream.asked]


@pytest.mark.parametrize(
    ("settings", "kind", "scope"),
    [
        ('engine = "sglang"', "campaign", "C-1"),
        ('engine = "sglang"', "all", ALL),
        ('engine = "sglang"\ncampaign_confidence = 0.98', "campaign", ALL),  # the campaign is sure by 0.97
    ],
)
def test_whom_a_rule_hits_has_a_key_that_was_committed_to_and_nobody_else(
    place: Any, tmp_path: Path, settings: str, kind: str, scope: str
) -> None:
    placed = place(acting(do={"watermark": {"key": kind}}), options=marked(tmp_path, settings))
    before = committed(tmp_path)
    told = ask(placed, "sk-campaign", "sk-honest")
    assert told == [{"key": key_of(tmp_path, scope)}, None]
    note = placed.rows("decisions")[0]
    assert note["watermark_commitment"] in before, "on the disk before the first request"
    assert note["done"] == ["watermark"] and key_of(tmp_path, scope) not in str(note)
    scopes = [one.scope for one in registry.read(tmp_path / "marks.jsonl")]
    assert scopes == ([ALL] * 2 + ["C-1"] * 2 if scope == "C-1" else [ALL] * 2), "this week and the next"


def test_endpoints_that_take_no_key_are_not_noted_as_marked(place: Any, tmp_path: Path) -> None:
    placed = place(acting(**MARKING), options=marked(tmp_path))
    placed.anthropic("sk-campaign").messages.create(model="m", max_tokens=9, messages=ASKED)
    assert "watermark" not in placed.upstream.asked[0]["body"]
    assert "watermark_commitment" not in placed.rows("decisions")[0]
    assert "watermark: not taken at this endpoint" in asyncio.run(_page(placed, "/metrics"))


def test_without_an_engine_that_takes_keys_nothing_is_sent_and_it_is_said(place: Any, tmp_path: Path) -> None:
    placed = place(acting(**MARKING), options=marked(tmp_path, ""))
    assert ask(placed, "sk-campaign") == [None]
    assert any("noted and not carried out" in line for line in placed.said)
    assert placed.rows("decisions")[0]["done"] == ["watermark"] and not (tmp_path / "marks.jsonl").exists()


@pytest.mark.parametrize(
    ("settings", "options", "told"),
    [
        ('engine = "sglang"', 2, "there are none"),
        ('engine = "vllm"', 6, "engine sglang, or none"),
        ('engine = "sglang"\nepoch_days = 0', 6, "1 or more"),
    ],
)
def test_mistakes_are_errors_at_the_start(place: Any, tmp_path: Path, settings: str, options: int, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        place(acting(**MARKING), options=marked(tmp_path, settings)[:options])


async def _page(placed: Placed, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(placed.inside + path) as answer:
        return await answer.text()


def found(**confidence: float) -> Known:
    """A look by which there are these campaigns, of an account each."""
    facts = {
        name: campaign_facts(name.replace("_", "-"), 1, sure, True, dict.fromkeys(FINDINGS, 0.9))
        for name, sure in confidence.items()
    }
    return Known("", facts, {}, Registered.nothing(), Indicators({}))


def guard_of(folder: Path, known: Known, **changes: Any) -> Guard:
    made = policy(folder, rule(**{**MARKING, **changes}))
    one = made.rules[0]
    return Guard(made, {one.fingerprint(): Receipt(one.id, one.fingerprint(), NOW, NOW, NOW, 0, 0, 0)}, known, b"s", AT)


@pytest.fixture
def said() -> list[str]:
    return []


def marks_of(folder: Path, guard: Guard, said: list[str]) -> Marks:
    return Marks(guard, SECRET, folder / "marks.jsonl", watermarks(Settings(engine="sglang")), said.append)


def scopes(folder: Path) -> dict[str, int]:
    lines = registry.read(folder / "marks.jsonl") if (folder / "marks.jsonl").exists() else ()
    return {name: sum(one.scope == name for one in lines) for name in sorted({one.scope for one in lines})}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"C-1": 2, ALL: 2}),
        ({"do": {"watermark": {"key": "all"}}}, {ALL: 2}),
        ({"do": "refuse"}, {}),
        ({"mode": "shadow"}, {}),
        ({"scope": {"campaigns": ["C-1"]}}, {"C-1": 2, ALL: 2}),
        ({"scope": {"campaigns": ["C-3"]}}, {ALL: 2}),
        ({"expires": "2026-11-18"}, {}),
        ({"starts": "2026-12-05", "expires": "2026-12-09"}, {}),
    ],
)
def test_keys_are_committed_to_for_rules_that_act_and_campaigns_that_are_sure(
    tmp_path: Path, changes: dict[str, Any], told: dict[str, int], said: list[str]
) -> None:
    marks_of(tmp_path, guard_of(tmp_path, found(C_1=0.9, C_2=0.89), **changes), said).prepare(AT)
    assert scopes(tmp_path) == told and said == []


def test_a_campaign_that_is_found_goes_without_a_key_until_it_is_committed_to(tmp_path: Path, said: list[str]) -> None:
    guard = guard_of(tmp_path, found())
    marks = marks_of(tmp_path, guard, said)
    marks.prepare(AT)
    guard.look(found(C_1=0.95))
    assert marks.of("C-1", "chat", AT) is None and guard.counts["watermark: no key ready"] == 1
    marks.prepare(AT)
    assert marks.of("C-1", "chat", AT) == SECRET.key("C-1", epoch(AT, WEEK))
    assert marks.of("", "chat", AT) is None and marks.of(ALL, "embeddings", AT) is None
    why = next(one.why for one in registry.read(tmp_path / "marks.jsonl") if one.scope == "C-1")
    assert (why["confidence"], why["from_confidence"]) == (0.95, 0.9)
    assert why["rules"] == [{"id": "stop", "reason": "it harvests", "when": 'account.verdict == "campaign"'}]


def test_keys_end_with_their_epoch_and_the_next_ones_are_ready(tmp_path: Path, said: list[str]) -> None:
    marks = marks_of(tmp_path, guard_of(tmp_path, found(C_1=0.95), expires="2027-01-01"), said)
    marks.prepare(AT)
    this = epoch(AT, WEEK)
    used = [marks.of("C-1", "chat", at) for at in (this.begins, this.ends - 1, this.ends, this.next().ends)]
    first, second = SECRET.key("C-1", this), SECRET.key("C-1", this.next())
    assert used == [first, first, second, None]
    marks.prepare(this.ends)
    assert marks.of("C-1", "chat", this.next().ends) and scopes(tmp_path) == {"C-1": 3, ALL: 3}


def test_a_registry_that_cannot_be_written_is_said_once_and_nothing_new_is_used(
    tmp_path: Path, said: list[str]
) -> None:
    guard = guard_of(tmp_path, found())
    marks = marks_of(tmp_path, guard, said)
    marks.prepare(AT)
    kept = (tmp_path / "marks.jsonl").read_bytes()
    (tmp_path / "marks.jsonl").write_bytes(kept.replace(b'"all"', b'"ALL"', 1))
    guard.look(found(C_1=0.95))
    for _ in range(2):
        marks.prepare(AT)
    assert len(said) == 1 and "line 2" in said[0] and marks.problem
    assert marks.of("C-1", "chat", AT) is None and marks.of(ALL, "chat", AT) == SECRET.key(ALL, epoch(AT, WEEK))
    (tmp_path / "marks.jsonl").write_bytes(kept)
    marks.prepare(AT)
    assert marks.of("C-1", "chat", AT) and not marks.problem
