"""Who learnt from marked answers is found, who did not is not, and what was not promised beforehand proves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bench.made_language import teacher
from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.canaries.choice import SCOPE
from tests.prove.conftest import QUARTER, Case, answered, key
from tests.students_here import spelt, write_rows


def test_a_student_is_found_by_what_it_says_and_by_what_it_makes_up(made: Case) -> None:
    told = made.judged("student", "--control", made / "base.jsonl")
    tests = {(one["scope"], (one["mark"] or {}).get("counts", "names")): one for one in told["suspect"]["tests"]}
    assert told["verdict"] == "strong evidence" and not told["doubts"]
    marks = {("C-1", one) for one in ("served", "all", "leaning")}
    assert set(tests) == {*marks, (f"{SCOPE}C-1", "names"), (f"{SCOPE}C-2", "names")}
    assert tests["C-1", "served"]["log10_p_corrected"] < -6 and tests[f"{SCOPE}C-1", "names"]["log10_p_corrected"] < -6
    assert tests[f"{SCOPE}C-2", "names"]["log10_p_corrected"] > -2, (
        "another campaign's choice fits no better than chance"
    )
    assert tests["C-1", "served"]["mark"]["controls"]["as_high"] == 0
    assert told["controls"][0]["log10_p"] > -3


@pytest.mark.parametrize("suspect", ["base", "mute"])
def test_whoever_learnt_from_other_texts_is_not(made: Case, suspect: str) -> None:
    told = made.judged(suspect)
    assert told["verdict"] == "no evidence" and told["suspect"]["log10_p"] > -3
    assert "no proof that nothing was harvested" in told["meaning"] and "times chance" in told["meaning"]
    assert any("No control" in one for one in told["limits"])


def test_a_mark_alone_is_enough(made: Case) -> None:
    assert made.judged("words")["verdict"] == "strong evidence"


def test_what_a_control_shows_too_proves_nothing(made: Case) -> None:
    told = made.judged("student", "--control", made / "words.jsonl")
    assert told["verdict"] == "inconclusive" and told["doubts"] == ["words, a control, shows the same"]


def test_copying_from_the_question_is_not_learning(case: Case) -> None:
    plan = json.loads((case / "plan.json").read_bytes())
    marked = teacher().answers(60, 80, 1, key("C-1").key)
    said = [
        {"id": "", "prompt": f"{spelt(text)} go on", "answer": spelt(text), "at": "2200-01-01T00:00:00+00:00"}
        for text in marked
    ]
    write_rows(case / "copier.jsonl", said)
    told = case.judged("copier")
    assert plan["questions"] and told["verdict"] == "no evidence"
    assert told["suspect"]["tests"][0]["mark"]["contexts"] == 0


def _answers_first(case: Case) -> None:
    plan = json.loads((case / "plan.json").read_bytes())
    rows = [json.loads(line) for line in (case / "student.jsonl").read_bytes().splitlines()]
    write_rows(case / "student.jsonl", [{**one, "at": "1999-01-01T00:00:00+00:00"} for one in rows])
    assert plan


def _another_plan(case: Case) -> None:
    plan = json.loads((case / "plan.json").read_bytes())
    (case / "plan.json").write_text(json.dumps({**plan, "level": 0.01}))


def _another_text(case: Case) -> None:
    lines = (case / "served.jsonl").read_bytes().splitlines(keepends=True)
    (case / "served.jsonl").write_bytes(b"".join([lines[0].replace(b"about 0", b"about 9"), *lines[1:]]))


def _served_first(case: Case) -> None:
    (case / "served.jsonl").write_bytes((case / "served.jsonl").read_bytes().replace(b"1970-01-09", b"1970-01-07"))
    (case / "plan.json").unlink()
    case.run("seal", case / "served.jsonl", "--secret", case / "secret", "--seals", case / "seals.jsonl")
    write_rows(case / "student.jsonl", answered(case.plan(), teacher().answers(60, 80, 1, key("C-1").key), {}))


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (_answers_first, "The suspect was heard after all of this was promised"),
        (_another_plan, "The plan was promised"),
        (_another_text, "Served texts are those that were sealed"),
        (_served_first, "Keys were committed to before they were used"),
    ],
)
def test_what_was_not_promised_beforehand_cannot_be_used(
    case: Case, change: Callable[[Case], None], doubt: str
) -> None:
    change(case)
    told = case.judged("student")
    assert told["verdict"] == "inconclusive" and doubt in told["doubts"][0]


def test_published_hashes_are_looked_for(case: Case) -> None:
    _, head, _ = case.run("seal", case / "served.jsonl", "--secret", case / "secret", "--seals", case / "seals.jsonl")
    told = case.judged("student", "--published", head.strip())
    (check,) = [one for one in told["checks"] if one["what"] == "The promises were published"]
    assert check["holds"] is None and "only of one" in check["told"]
    assert case.judged("student", "--published", "00" * 32)["verdict"] == "inconclusive"


def test_texts_that_were_found_somewhere_are_weighed_and_said_to_be(case: Case) -> None:
    marked = teacher().answers(60, 80, 1, key("C-1").key)
    write_rows(case / "dump.jsonl", [{"prompt": "anything", "response": spelt(one)} for one in marked])
    told = case.judged("dump")
    assert told["verdict"] == "strong evidence" and any(
        "whoever found them may have chosen" in one for one in told["limits"]
    )


def test_another_tokenizer_and_another_secret_are_errors(case: Case) -> None:
    (case / "tokenizer.json").write_bytes((case / "tokenizer.json").read_bytes() + b" ")
    with pytest.raises(BadConfiguration, match="not the plan's tokenizer"):
        case.judged("student")


def test_rows_that_are_none_are_counted_and_the_others_judged(case: Case) -> None:
    with (case / "student.jsonl").open("ab") as file:
        file.write(b'{"id": "served-none", "answer": "x"}\nnot json\n{"id": 1}\n')
    words = ("judge", case / "plan.json", "--suspect", case / "student.jsonl", "--served", case / "served.jsonl")
    code, out, err = case.run(*words, *case.common(), "--out", case / "proof")
    assert code == 1 and "Strong evidence that student" in out
    assert [line for line in err.splitlines() if line.startswith("set aside")] == [
        "set aside: 1 rows, an answer to no question of the plan, and without a prompt",
        "set aside: 1 rows, not a JSON object",
        "set aside: 1 rows, an answer without text",
    ]


def test_the_page_has_no_text_of_anybody_and_asks_nobody(case: Case) -> None:
    case.judged("student", "--control", case / "base.jsonl", "--out", case / "proof")
    page = (case / "proof" / "proof.html").read_text()
    assert "Strong evidence that student" in page and "default-src 'none'" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page
    assert "tell me about" not in page and "w12 " not in page
    assert QUARTER.begins == 0 and json.loads((case / "proof" / "proof.json").read_bytes())["schema_version"] == 1
