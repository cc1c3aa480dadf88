"""`stillwatch verify ask, cases, due, victims, outcomes`: plans until --yes, and the same again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch import tables
from stillwatch.pseudonyms import load_key
from stillwatch.verification.ladder import Cases
from stillwatch.verification.ladder.rungs import DAY
from stillwatch.verification.outcome import Outcome

Run = Callable[..., tuple[int, str, str]]
START = 1_793_491_200.0  # 2026-11-01


class Desk:
    """Commands over one folder, and news as a webhook brings it."""

    def __init__(self, folder: Path, run: Run, where: str) -> None:
        self.folder, self._run, self._where = folder, run, where
        self._key = folder / "cases.db.key"  # beside a file by itself; of a URL it is named
        self.log = folder / "log"
        self.log.mkdir()

    def says(self, name: str, *arguments: object) -> tuple[int, Any, str]:
        """A command with --json as of 1 November, unless it says otherwise."""
        key = ("--key", self._key) if "://" in self._where else ()
        store = () if name == "victims" else ("--cases", self._where, *key)
        rows = ("--responses", self.folder / "responses.jsonl") if name in ("ask", "due", "victims") else ()
        now = ("--now", "2026-11-01") if name != "outcomes" and "--now" not in arguments else ()
        code, out, err = self._run("verify", name, *arguments, *store, *rows, *now, "--json")
        return code, json.loads(out) if out else None, err

    def asked(self) -> dict[str, str]:
        """Cases by account."""
        return {one["account_id"]: one["case"] for one in self.says("cases")[1]["cases"]}

    def news(self, case: str, step: str, state: str, **facts: str) -> None:
        with Cases(self._where, load_key(self._key, {})) as store:
            event = Outcome(
                "persona", f"{case}{state}", START + DAY, case, step, state, f"s{case}", "", tuple(facts.items())
            )
            assert store.record(event, START + DAY) == "recorded"


@pytest.fixture
def desk(tmp_path: Path, stillwatch: Run, monkeypatch: pytest.MonkeyPatch, where: str) -> Desk:
    monkeypatch.delenv("STILLWATCH_KEY", raising=False)
    return Desk(tmp_path, stillwatch, where)


def assessment(account: str, likelihood: float) -> str:
    return json.dumps({
        "account_id": account, "at": "2026-11-01T00:00:00Z", "likelihood": likelihood, "bits": 3.0, "asks": likelihood > 0.5,
        "reasons": [{"code": "place_tor", "weight": 3.0}],
    }) + "\n"  # fmt: skip


def test_from_the_question_to_what_follows(desk: Desk) -> None:
    file = desk.folder / "assessments.jsonl"
    file.write_text(
        "".join(assessment(f"a{n}", 0.95) for n in range(4)) + assessment("calm", 0.01) + "by_hand\n{\nn\0l\n"
    )
    code, plan, err = desk.says("ask", file)
    assert (code, len(plan["asked"]), plan["carried_out"]) == (13, 5, False) and "say --yes" in err and "NUL" in err
    assert desk.says("cases")[1] == {"schema_version": 1, "cases": []}, "a plan opens nothing"
    assert desk.says("ask", file, "--yes")[1]["asked"] == plan["asked"]
    assert "0 cases opened" in desk.says("ask", file, "--yes")[2], "nor does a second run"
    by = desk.asked()
    assert sorted(by) == ["a0", "a1", "a2", "a3", "by_hand"]

    desk.news(by["a0"], "identity", "passed", document="X1")
    desk.news(by["a1"], "identity", "passed", document="X1")
    desk.says("cases", "--waive", by["by_hand"], "--why", "anna knows them", "--yes")
    stands = {one["account_id"]: one["standing"] for one in desk.says("cases", "--now", "2026-12-24")[1]["cases"]}
    assert stands == {"a0": "passed", "a1": "passed", "a2": "overdue", "a3": "overdue", "by_hand": "waived"}

    def due(day: str, *more: object) -> list[tuple[str, str]]:
        rows = desk.says("due", "--now", day, "--side", desk.log, "--yes", *more)[1]["rows"]
        return [(one["account_id"], one["what"]) for one in rows]

    assert not desk.says("due", "--now", "2026-11-25")[1]["carried_out"]
    assert not (desk.folder / "responses.jsonl").exists(), "a plan writes nothing"
    assert due("2026-11-25") == [("a2", "remind"), ("a3", "remind")] and due("2026-11-25") == []
    assert due("2026-11-28") == [("a2", "limit"), ("a3", "limit")]
    assert due("2026-11-28", "--undo", f"{by['a3']}:limit:2", "--why", "anna: a mistake") == [("a3", "undo")]
    told = [json.loads(line) for line in (desk.log / "verifications.jsonl").read_text().splitlines()]
    assert {one["account_id"]: one["step_up"] for one in told} == {
        "a0": "passed", "a1": "passed", "a2": "overdue", "a3": "asked", "by_hand": "waived",
    }  # fmt: skip

    code, out, _ = desk.says("outcomes", "--out", desk.log, "--yes")
    assert (code, out["added"]) == (0, {"evidence": 2, "proofs": 0})
    rows = [json.loads(line) for line in (desk.log / "evidence.jsonl").read_text().splitlines()]
    assert {one["account_id"] for one in rows} == {"a0", "a1"} and len({one["value"] for one in rows}) == 1
    assert "X1" not in json.dumps(rows)
    assert desk.says("outcomes", "--out", desk.log, "--yes")[1]["added"] == {"evidence": 0, "proofs": 0}


def test_victims_of_a_result(desk: Desk) -> None:
    row = {
        "account_id": "v",
        "campaign_id": "C-1",
        "score": 0.9,
        "verdict": "campaign",
        "role": "victim",
        "reasons": [],
    }
    out = desk.folder / "out"
    out.mkdir()
    pq.write_table(pa.Table.from_pylist([row], schema=tables.RESULT_ACCOUNTS.schema), out / "accounts.parquet")
    for _ in range(2):
        assert [one["what"] for one in desk.says("victims", out)[1]["rows"]] == ["rotate_keys", "notify", "watch"]
    assert "3 rows added" in desk.says("victims", out, "--yes")[2]
    assert desk.says("victims", out, "--yes")[1]["rows"] == []
    file = desk.folder / "names"
    file.write_text("v\n")
    code, plan, _ = desk.says("ask", file)
    assert (code, plan["asked"], plan["left"][0]["account_id"]) == (0, [], "v"), "who is helped is asked for nothing"
    desk.says("due", "--side", desk.log, "--yes")
    assert json.loads((desk.log / "verifications.jsonl").read_text())["step_up"] == "helped"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("cases", "--state", "lost"), "state 'lost'"),
        (("cases", "--waive", "V-1"), "without a reason"),
        (("cases", "--waive", "V-1", "--why", "x"), "no such case: V-1"),
        (("due", "--undo", "V-1", "--why", "x"), "no such response"),
    ],
)
def test_mistakes_are_12(desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = desk.says(*arguments)
    assert (code, out) == (12, None) and told in err


def test_nothing_to_ask_is_10_and_tables_are_for_people(desk: Desk, stillwatch: Run) -> None:
    assert desk.says("ask", desk.folder / "none")[0] == 10
    file = desk.folder / "names"
    file.write_text("acct_1\n")
    code, out, err = stillwatch("verify", "ask", file, "--cases", desk.folder / "cases.db", "--yes")
    assert code == 0 and "acct_1" in out and "email" in out and "1 cases opened" in err
    code, out, _ = stillwatch("verify", "cases", "--cases", desk.folder / "cases.db")
    assert code == 0 and "acct_1" in out and "asked" in out
