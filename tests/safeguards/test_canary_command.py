"""`stillwatch canary`, as people run it: from a registry that a guard wrote to a campaign that a suspect model recalls."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stillwatch import keyfiles
from stillwatch.cli import app
from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.canaries.choice import SCOPE, chosen
from stillwatch.safeguards.canaries.slots import load
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import Epoch, Secret

SLOTS = load()
QUARTER = Epoch(0, 91 * 86_400)
AFTER = 1e9  # seconds since 1970, when it is over
WHY = {"slots_version": SLOTS.version, "slots_sha256": SLOTS.sha256}


def said(*words: Any) -> str:
    found = CliRunner().invoke(app, ["canary", *map(str, words)])
    if found.exception is not None:
        raise found.exception
    return found.stdout


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """Options with a secret, and a registry with two campaigns, a watermark, and a campaign of other slots."""
    secret, path = tmp_path / "secret", tmp_path / "canaries.jsonl"
    keyfiles.create(secret)
    made = Secret(keyfiles.read(secret))
    keys = [(made.key(f"{SCOPE}C-{number}", QUARTER), WHY) for number in (1, 2)]
    others = [(made.key("C-1", QUARTER), {}), (made.key(f"{SCOPE}C-3", QUARTER), {**WHY, "slots_sha256": "0" * 64})]
    registry.commit(path, [*keys, *others], 10.0)
    return "--registry", str(path), "--secret", str(secret)


def choice(files: tuple[str, ...], campaign: str) -> dict[str, str]:
    return dict(chosen(Secret(keyfiles.read(Path(files[3]))).key(SCOPE + campaign, QUARTER).key, SLOTS))


def answers(path: Path, told: dict[str, str], every: int) -> Path:
    """Of a model that uses what was told in every so-manieth answer, beside names of its own."""
    rows = [
        {"slot": slot, "prompt": "…", "answer": f"{told[slot] if turn % every == 0 else f'Own {turn}'} came."}
        for slot in told
        for turn in range(40)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_campaign_that_a_model_recalls_is_named_and_no_other(tmp_path: Path, files: tuple[str, ...]) -> None:
    path = answers(tmp_path / "a.jsonl", choice(files, "C-1"), every=10)
    told = json.loads(said("recall", path, *files, "--json"))
    assert (told["named"], told["answers"], len(told["keys"])) == (["C-1 1970-01-01"], 600, 2)
    first, second = told["keys"]
    assert (first["campaign"], first["slots"][0]["chosen"]) == ("C-1", choice(files, "C-1")["woman"])
    assert first["log_p_corrected"] == pytest.approx(first["log_p"] + math.log(2)) and second["p"] > 0.01
    page = said("recall", path, *files)
    assert "C-1 1970-01-01: p" in page and "C-2" not in page


def test_no_evidence_is_said_where_there_is_none(tmp_path: Path, files: tuple[str, ...]) -> None:
    path = answers(tmp_path / "a.jsonl", {one.id: "Nobody" for one in SLOTS}, every=2)
    assert said("recall", path, *files).startswith("no evidence")
    assert json.loads(said("recall", path, *files, "--json"))["named"] == []


def test_a_control_that_says_the_same_leaves_nothing(tmp_path: Path, files: tuple[str, ...]) -> None:
    told = choice(files, "C-1")
    suspect, control = answers(tmp_path / "a.jsonl", told, every=10), answers(tmp_path / "b.jsonl", told, every=10)
    assert said("recall", suspect, *files, "--control", control).startswith("no evidence")


def test_keys_that_were_opened_are_tried_without_the_secret(tmp_path: Path, files: tuple[str, ...]) -> None:
    path = answers(tmp_path / "a.jsonl", choice(files, "C-2"), every=5)
    with pytest.raises(BadConfiguration, match="no key can be tried"):
        said("recall", path, *files[:2])
    made = Secret(keyfiles.read(Path(files[3])))
    registry.show(Path(files[1]), made.key(f"{SCOPE}C-2", QUARTER), AFTER)
    told = json.loads(said("recall", path, *files[:2], "--json"))
    assert (told["named"], len(told["keys"])) == (["C-2 1970-01-01"], 1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"slot": "woman"}', "line 1"),
        ('{"slot": "planet", "answer": "x"}', "slot 'planet'"),
        ('{"slot": "woman", "answer": 5}', "no text"),
        ("[]", "line 1"),
        ("", "no answers"),
    ],
)
def test_lines_that_are_no_answers_are_errors(tmp_path: Path, files: tuple[str, ...], line: str, told: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(BadConfiguration, match=told):
        said("recall", path, *files)


def test_answers_to_prompts_that_name_an_alternative_are_left_out(tmp_path: Path, files: tuple[str, ...]) -> None:
    told = choice(files, "C-1")
    path = tmp_path / "a.jsonl"
    rows = [{"slot": slot, "prompt": f"Say {name}", "answer": name} for slot, name in told.items()] * 20
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"slot": "pet", "answer": "A dog."}]))
    document = json.loads(said("recall", path, *files, "--json"))
    assert (document["led"], document["answers"], document["named"]) == (300, 1, [])


def test_what_is_shown_of_slots_and_of_a_choice(files: tuple[str, ...]) -> None:
    document = json.loads(said("show", "--json"))
    assert (document["slots_version"], document["slots_sha256"]) == (SLOTS.version, SLOTS.sha256)
    assert [one["slot"] for one in document["slots"]] == [one.id for one in SLOTS]
    shown = json.loads(said("show", *files, "--scope", "C-2", "--on", "1970-02-01", "--json"))["slots"]
    assert {one["slot"]: one["chosen"] for one in shown} == choice(files, "C-2")
    assert choice(files, "C-2")["woman"] in said("show", *files, "--scope", "C-2", "--on", "1970-02-01")
    for wrong in (("C-2", "1971-01-01"), ("C-9", "1970-02-01")):
        with pytest.raises(BadConfiguration, match="nothing was committed to"):
            said("show", *files, "--scope", wrong[0], "--on", wrong[1])


def test_prompts_are_as_many_for_each_slot_as_asked_for() -> None:
    rows = [json.loads(line) for line in said("prompts", "--each", 30).splitlines()]
    assert len(rows) == 30 * len(SLOTS) == len({row["id"] for row in rows})
    for slot in SLOTS:
        told = [row["prompt"] for row in rows if row["slot"] == slot.id]
        assert tuple(told[: len(slot.prompts)]) == slot.prompts and told[len(slot.prompts)] == slot.prompts[0]
