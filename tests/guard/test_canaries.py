"""Canaries on their way: told to whom a rule hits and nobody else, and not a byte of the request is changed beyond that."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from guard_files import acting, files
from guard_here import HARVESTER, NOW, decided, facts, policy, rule
from guard_placed import Placed, guards

from stillwatch import keyfiles
from stillwatch.config import Canary as Settings
from stillwatch.config import Guard as Limits
from stillwatch.errors import BadConfiguration
from stillwatch.evidence import FINDINGS
from stillwatch.guard import budgets, rates
from stillwatch.guard.canaries import Canaries
from stillwatch.guard.gate import Gate, Incoming, Passage
from stillwatch.guard.guard import Guard
from stillwatch.guard.hygiene import Hygiene
from stillwatch.guard.identity import Identity, Who
from stillwatch.guard.indicators import Indicators
from stillwatch.guard.known import Known, campaign_facts
from stillwatch.guard.marks import Marks, canaries
from stillwatch.guard.noted import begins, noted
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.registered import Registered
from stillwatch.guard.requests import asked
from stillwatch.guard.setup import Setup, stand
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.safeguards.canaries.choice import SCOPE, chosen
from stillwatch.safeguards.canaries.note import MOST, note, suggested
from stillwatch.safeguards.canaries.slots import load
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import ALL, MarkKey, Secret, epoch

SLOTS = load()
QUARTER = 91 * 86_400  # seconds
AT = NOW.timestamp()
SECRET = Secret(bytes(32))
NOBODY = Identity(Pseudonyms(bytes(32)))
STORY = "Write a two-sentence story about a baker."
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}
USER = f'{{"role": "user", "content": "{STORY}"}}'
CHAT = asked(PATHS["chat"], f'{{"model":"m","messages":[{USER}]}}'.encode())
# Where «» stands, the note is put: behind a text, as an element of an array, or as a member. USER is the user's message.
CASES = {
    "behind a system prompt": ("chat", '{"messages":[{"role":"system","content":"Sch\\u00f6n \\/ «text»"},USER],"seed":1E2}'),
    "a developer's": ("chat", '{ "messages" : [ {"role":"developer","content":"x«text»"}, USER ], "n": 1.0 }'),
    "an empty one": ("chat", '{"messages":[{"content":"«bare»","role":"system"},USER]}'),
    "in parts": ("chat", '{"messages":[{"role":"system","content":[ {"type":"text","text":"x"} «,part»]},USER]}'),
    "where there is none": ("chat", '{"messages": [«message,» USER ], "user": "\\u0041"}'),
    "Anthropic's": ("messages", '{"system": "Be kind.«text»" , "messages": [USER], "max_tokens": 9}'),
    "Anthropic's in parts": ("messages", '{"system":[{"text":"x","type":"text","cache_control":{}}«,part»],"messages":[USER]}'),
    "Anthropic's without": ("messages", '{"messages":[USER],"max_tokens":9«,system»}\n'),
    "instructions": ("responses", '{"input": [USER], "instructions": "«bare»"}'),
    "instructions of null": ("responses", '{"instructions": «null», "input": [USER]}'),
    "no instructions": ("responses", '{"input": [USER]«,instructions»}'),
}  # fmt: skip
WITHOUT = {
    "nothing is made up": ("chat", {"messages": [{"role": "user", "content": "What is 6 times 7?"}]}),
    "tools are offered": ("chat", {"messages": [{"role": "user", "content": STORY}], "tools": [{"type": "function"}]}),
    "no place for it": ("responses", {"input": STORY, "prompt": {"id": "p"}}),
    "not taken at this endpoint": ("completions", {"prompt": STORY}),
}


def options(folder: Path, settings: str = "") -> tuple[str, ...]:
    """Of a guard with canaries, with a secret and a registry in this folder."""
    (folder / "settings.toml").write_text(f"[canary]\n{settings}\n")
    keyfiles.create(folder / "secret")
    names = (("config", "settings.toml"), ("canary-secret", "secret"), ("canary-registry", "canaries.jsonl"))
    return tuple(word for option, name in names for word in (f"--{option}", str(folder / name)))


def post(placed: Placed, endpoint: str, body: bytes, key: str = "sk-campaign") -> bytes:
    """Send it, and what the model's server got."""
    path = PATHS.get(endpoint, "/v1/completions")
    request = urllib.request.Request(placed.address + path, body, {"authorization": f"Bearer {key}"})
    urllib.request.urlopen(request).read()
    raw: bytes = placed.upstream.asked[-1]["raw"]
    return raw


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Placed]:
    """A guard that gives canaries to accounts of campaigns."""
    folder = tmp_path_factory.mktemp("canaries")
    with guards(folder) as put:
        yield put(acting(do=[{"canary": {}}]), options=options(folder))


def key_of(placed: Placed) -> MarkKey:
    return Secret(keyfiles.read(placed.folder / "secret")).key(f"{SCOPE}C-1", epoch(time.time(), QUARTER))


def expected(placed: Placed) -> str:
    return note(suggested(STORY, SLOTS), chosen(key_of(placed).key, SLOTS))


def with_note(body: str, told: str) -> bytes:
    """What is to go on: the note where its place is marked, in the form that the place has."""
    text = orjson.dumps(told).decode()
    forms = {
        "text": f"\\n\\n{text[1:-1]}", "bare": text[1:-1], "null": text, ",part": f',{{"type":"text","text":{text}}}',
        "message,": f'{{"role":"system","content":{text}}},', ",system": f',"system":{text}',
        ",instructions": f',"instructions":{text}',
    }  # fmt: skip
    return re.sub("«(.*?)»", lambda found: forms[found[1]], body).encode()


@pytest.mark.parametrize("case", CASES)
def test_a_request_goes_on_with_a_note_and_otherwise_to_the_byte(placed: Placed, case: str) -> None:
    endpoint, body = CASES[case]
    body = body.replace("USER", USER).replace("{", '{"model":"m", ', 1)
    sent = re.sub("«.*?»", "", body.replace("«null»", "null")).encode()
    got = post(placed, endpoint, sent)
    assert got == with_note(body, expected(placed)) and orjson.loads(got)
    assert post(placed, endpoint, sent, "sk-honest") == sent, "of a customer in no campaign"


@pytest.mark.parametrize("why", WITHOUT)
def test_what_takes_none_goes_on_as_it_came_and_is_counted(placed: Placed, why: str) -> None:
    endpoint, body = WITHOUT[why]
    sent = orjson.dumps({"model": "m", **body})
    assert post(placed, endpoint, sent) == sent
    page = urllib.request.urlopen(placed.inside + "/metrics").read().decode()
    assert f'what="canary: {why}"' in page


def test_the_log_has_the_commitment_and_nothing_has_what_was_chosen(placed: Placed) -> None:
    post(placed, "chat", CHAT.raw)
    for _ in range(100):
        with_it = [row for row in placed.rows("decisions") if "canary_commitment" in row]
        if with_it:
            break
        time.sleep(0.05)
    row, key = with_it[0], key_of(placed)
    (line,) = [one for one in registry.read(placed.folder / "canaries.jsonl") if one.commitment == key.commitment]
    assert (row["canary_commitment"], line.scope) == (key.commitment, f"{SCOPE}C-1")
    assert row["canary_slots"] == [one.id for one in suggested(STORY, SLOTS)] and row["done"] == ["canary"]
    assert row["canary_bytes"] == len(expected(placed).encode())
    assert (line.why["slots_version"], line.why["slots_sha256"]) == (SLOTS.version, SLOTS.sha256)
    written = b"".join(path.read_bytes() for path in placed.folder.rglob("*.jsonl"))
    told = {*chosen(key.key, SLOTS).values(), key.key}
    assert [one for one in told if one.encode() in written] == []


@pytest.mark.parametrize(
    ("settings", "count"),
    [("campaign_confidence = 0.98", "canary: the campaign is not sure")],  # it is sure by 0.97
)
def test_a_campaign_below_the_confidence_has_none(place: Any, tmp_path: Path, settings: str, count: str) -> None:
    below = place(acting(do=["canary"]), options=options(tmp_path, settings))
    assert post(below, "chat", CHAT.raw) == CHAT.raw
    assert f'what="{count}"' in urllib.request.urlopen(below.inside + "/metrics").read().decode()
    assert "canary_commitment" not in below.rows("decisions")[0]
    assert not (tmp_path / "canaries.jsonl").exists(), "nor is anything committed to"


@pytest.mark.parametrize(("settings", "given", "told"), [("", 4, "or none"), ("epoch_days = 0", 6, "1 or more")])
def test_mistakes_are_errors_at_the_start(tmp_path: Path, settings: str, given: int, told: str) -> None:
    files(tmp_path, acting(do="canary"))
    words = options(tmp_path, settings)[:given]
    named = {word[2:].replace("-", "_"): Path(path) for word, path in zip(words[::2], words[1::2], strict=True)}
    with pytest.raises(BadConfiguration, match=told):
        stand(Setup(tmp_path / "policy.yaml", tmp_path / "out", **named), print)  # type: ignore[arg-type]


def found(**confidence: float) -> Known:
    """A look by which there are these campaigns, of an account each."""
    told = {
        name: {"account.verdict": "campaign"}
        | campaign_facts(name.replace("_", "-"), 1, sure, True, dict.fromkeys(FINDINGS, 0.9))
        for name, sure in confidence.items()
    }
    return Known("", told, {}, Registered.nothing(), Indicators({}))


def canaries_of(folder: Path, said: list[str], **changes: Any) -> tuple[Guard, Canaries]:
    """Of a guard with one rule, by a look with one sure campaign and one that is not."""
    made = policy(folder, rule(**{"do": "canary", **changes}))
    one = made.rules[0]
    passed = {one.fingerprint(): Receipt(one.id, one.fingerprint(), NOW, NOW, NOW, 0, 0, 0)}
    guard = Guard(made, passed, found(C_1=0.9, C_2=0.89), b"s", AT)
    marks = Marks(guard, SECRET, folder / "canaries.jsonl", canaries(Settings(), SLOTS), said.append)
    return guard, Canaries(guard, marks, SLOTS)


@pytest.mark.parametrize(
    ("changes", "scopes"),
    [
        ({}, {f"{SCOPE}C-1"}),
        ({"mode": "shadow"}, set()),
        ({"scope": {"campaigns": ["C-2"]}}, set()),
        ({"expires": "2026-11-18"}, set()),
        ({"do": [{"watermark": {"key": "campaign"}}]}, set()),
    ],
)
def test_keys_are_committed_to_for_rules_that_act_and_campaigns_that_are_sure(
    tmp_path: Path, changes: dict[str, Any], scopes: set[str]
) -> None:
    said: list[str] = []
    _, made = canaries_of(tmp_path, said, **changes)
    made.marks.prepare(AT)
    path = tmp_path / "canaries.jsonl"
    assert {one.scope for one in registry.read(path)} == scopes if path.exists() else not scopes
    told = [made.of(one, CHAT, AT) is not None for one in ("C-1", "C-2", ALL, "")]
    assert told == [bool(scopes), False, False, False] and said == []


def test_a_registry_that_cannot_be_written_lets_requests_pass_without(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "canaries.jsonl").mkdir()
    guard, made = canaries_of(tmp_path, said)
    for _ in range(2):
        made.marks.prepare(AT)
    assert made.of("C-1", CHAT, AT) is None and guard.counts["canary: no key ready"] == 1
    assert len(said) == 1 and "without new canary keys" in said[0] and made.marks.problem


def test_what_fails_on_the_way_lets_requests_pass_without(tmp_path: Path) -> None:
    guard, made = canaries_of(tmp_path, [])
    made.marks.prepare(AT)
    odd = asked(PATHS["chat"], CHAT.raw)
    odd.body["messages"] = object()  # type: ignore[index]
    object.__setattr__(odd, "facts", {})
    assert made.of("C-1", odd, AT) is None and guard.counts["canary: failed: KeyError"] == 1


def test_a_budget_reserves_what_a_note_can_take(tmp_path: Path) -> None:
    guard, made = canaries_of(
        tmp_path,
        [],
        do=["canary", {"token_budget": {"tokens": 2_000, "every": "1h"}}],
    )
    made.marks.prepare(AT)
    gate = Gate(guard, NOBODY, Hygiene(), budgets.Local(), rates.Local(), None, Limits(), canaries=made)
    passage = asyncio.run(gate.enter(Incoming(PATHS["chat"], {}, CHAT.raw, "", AT), Who("C_1")))
    assert isinstance(passage, Passage) and passage.canary is not None
    told = orjson.loads(passage.body)
    assert told["max_completion_tokens"] == 2_000 - len(CHAT.raw) - passage.canary.most_tokens
    del told["max_completion_tokens"]
    assert len(orjson.dumps(told)) - len(orjson.dumps(CHAT.body)) <= passage.canary.most_tokens


@pytest.mark.parametrize(
    ("mode", "known", "told"),
    [("live", HARVESTER, "C-1"), ("shadow", HARVESTER, ""), ("live", {"campaign.id": ""}, "")],
)
def test_only_a_rule_in_force_gives_one_and_only_to_accounts_of_a_campaign(
    tmp_path: Path, mode: str, known: dict[str, Any], told: str
) -> None:
    made = policy(tmp_path, rule(do="canary", mode=mode))
    assert decided(made, facts() | {"account.verdict": "campaign"} | known).canary == told


def test_a_conversation_is_told_the_same_in_every_turn_and_once() -> None:
    """A gateway that begins a request again shows what it was given before."""
    more = [{"role": "assistant", "content": "Once."}, {"role": "user", "content": "And a list of tips for an e-mail?"}]
    first = {"role": "user", "content": [{"type": "text", "text": STORY}]}
    later = asked(PATHS["chat"], orjson.dumps({"messages": [first, *more]}))
    assert begins(later) == begins(CHAT) == STORY
    text = note(suggested(STORY, SLOTS), chosen("00", SLOTS))
    again = asked(PATHS["chat"], orjson.dumps({"messages": [{"role": "system", "content": text}, first]}))
    assert noted(again, text) == {}


def test_a_request_suggests_a_few_slots_by_its_own_words() -> None:
    everything = " ".join(cue for one in SLOTS for cue in one.cues)
    assert len(suggested(everything, SLOTS)) == MOST == len(suggested(everything + " once more", SLOTS))
    drawn = {one.id for turn in range(60) for one in suggested(f"{everything} {turn}", SLOTS)}
    assert drawn == {one.id for one in SLOTS}, "which of them, turns"
    assert [one.id for one in suggested("Name a PUPPY, please", SLOTS)] == ["pet"]
    assert suggested("x" * 4_096 + " puppy " + "x" * 4_096, SLOTS) == () == suggested("", SLOTS)
    assert suggested("\ud83d " * 9_000 + "puppy", SLOTS)


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("chat", {"messages": []}), ("chat", {"messages": "x"}), ("chat", {}), ("messages", {"system": 5}),
        ("chat", {"messages": [{"role": "system", "content": None}]}), ("responses", {"instructions": ["x"]}),
        ("chat", {"messages": [{"role": "system", "content": 5}, 7]}),
    ],
)  # fmt: skip
def test_there_is_no_place_in_what_is_no_request(endpoint: str, body: dict[str, Any]) -> None:
    one = asked(PATHS[endpoint], orjson.dumps(body))
    assert noted(one, "note") is None
