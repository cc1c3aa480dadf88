"""`stillwatch prove` beside judge and ask: what is promised, shown and verified."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from stillwatch.errors import BadConfiguration, EngineMissing
from stillwatch.prove import seals
from tests.prove.conftest import Case, key
from tests.students_here import write_rows


def sealing(case: Case, *more: Any) -> tuple[int, str, str]:
    return case.run("seal", case / "served.jsonl", "--secret", case / "secret", "--seals", case / "seals.jsonl", *more)


def test_a_seal_says_how_much_it_is_of_and_prints_what_to_publish(case: Case) -> None:
    code, out, err = sealing(case)
    lines = seals.read(case / "seals.jsonl")
    assert code == 0 and "120 answers, 60 of them drawn with a key" in err
    assert out.strip() == lines[0].hash and [one.kind for one in lines] == ["seal", "plan"]


def test_texts_that_are_shown_are_verified_and_changed_ones_are_not(case: Case) -> None:
    _, out, _ = case.run("show", case / "served.jsonl", "--id", "x-3", "--id", "x-90", "--secret", case / "secret")
    (case / "shown.jsonl").write_text(out)
    assert "x-4" not in out and len(out.splitlines()) == 2
    checking = ("verify", case / "shown.jsonl", "--seals", case / "seals.jsonl")
    code, _, err = case.run(*checking, "--head", seals.read(case / "seals.jsonl")[-1].hash)
    assert code == 0 and "2 texts were sealed" in err
    (case / "shown.jsonl").write_text(out.replace("about 90", "about 91"))
    with pytest.raises(BadConfiguration, match="not sealed"):
        case.run(*checking)
    with pytest.raises(BadConfiguration, match="no line has the hash"):
        case.run(*checking, "--head", "00" * 32)


def test_a_plan_names_keys_that_answers_were_drawn_with_and_asks_their_prompts(case: Case) -> None:
    plan = case.plan("again.json", "--prompts", 25)
    assert [one["scope"] for one in plan["keys"]] == ["C-1"], "nothing was drawn with the key of C-2"
    assert [one["scope"] for one in plan["canaries"]] == ["canary/C-1", "canary/C-2"]
    served = [one for one in plan["questions"] if not one["slot"]]
    assert len(served) == 25 and {one["messages"][0][1] for one in served} <= {
        f"tell me about {one}" for one in range(60)
    }
    assert plan["questions"] == case.plan("once_more.json", "--prompts", 25)["questions"], "nobody picks them"
    assert key("C-1").key not in (case / "again.json").read_text()


def test_a_plan_of_one_campaign(case: Case) -> None:
    plan = case.plan("again.json", "--scope", "C-2")
    assert plan["keys"] == [] and [one["scope"] for one in plan["canaries"]] == ["canary/C-2"]
    assert not [one for one in plan["questions"] if not one["slot"]]


def test_a_plan_is_not_written_over(case: Case) -> None:
    with pytest.raises(BadConfiguration, match="a plan already"):
        case.plan()


def test_without_anything_to_test_there_is_no_plan(case: Case) -> None:
    with pytest.raises(BadConfiguration, match="nothing to test"):
        case.plan("again.json", "--scope", "C-9")


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": 2}', '{"schema_version": 1, "keys": [{}]}'])
def test_what_is_no_plan_is_not_judged_by(case: Case, text: str) -> None:
    (case / "plan.json").write_text(text)
    with pytest.raises(BadConfiguration, match="plan cannot be read"):
        case.judged("student")


def test_a_scheme_that_nobody_knows(case: Case) -> None:
    with pytest.raises(BadConfiguration, match="no scheme"):
        case.plan("again.json", "--scheme", "green")


def test_only_canaries_need_no_tokenizer_and_no_served_texts(case: Case) -> None:
    common = ("--secret", case / "secret", "--registry", case / "marks.jsonl", "--seals", case / "seals.jsonl")
    assert case.run("plan", "--out", case / "names.json", *common, "--each", 4)[0] == 0
    plan = json.loads((case / "names.json").read_bytes())
    write_rows(case / "quiet.jsonl", [{"id": one["id"], "answer": "It was somebody."} for one in plan["questions"]])
    code, out, _ = case.run("judge", case / "names.json", "--suspect", case / "quiet.jsonl", *common, "--json")
    assert code == 0 and json.loads(out)["verdict"] == "no evidence"


def test_what_to_install_is_said(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(EngineMissing, match=r"stillwatch\[prove\]"):
        case.judged("student")
