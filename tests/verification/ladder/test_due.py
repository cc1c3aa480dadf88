"""What follows a deadline: reminded, limited, suspended, one after the other, and freed at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from stillwatch.config import Verification
from stillwatch.errors import BadConfiguration
from stillwatch.verification.ladder import responses
from stillwatch.verification.ladder.case import Case, Opened, fold
from stillwatch.verification.ladder.due import due
from stillwatch.verification.ladder.responses import Response, in_force, undoing
from stillwatch.verification.ladder.rungs import DAY
from stillwatch.verification.ladder.told import standings
from stillwatch.verification.outcome import Outcome

START = 1_780_000_000.0
SETTINGS = Verification()  # reminded 2 days before, 7 of grace, responses of 30 days


def case(*news: str, account: str = "a", until: float = 14.0) -> Case:
    """News as `3 passed s1`: the day, the state and the session."""
    told = [one.split() for one in news]
    events = [
        Outcome("persona", f"{account} {one}", START + float(day) * DAY, account, "identity", state, session)
        for one, (day, state, session) in zip(news, told, strict=True)
    ]
    return fold(Opened(account, account, START, ("identity",), START + until * DAY), events, 2)


def lived(one: Case, days: list[float], written: list[Response] | None = None, victims: str = "") -> list[str]:
    """What a run on each of these days writes, each after the ones before."""
    rows, told = written if written is not None else [], []
    for day in days:
        plan = due([one], rows, frozenset(victims.split()), START + day * DAY, SETTINGS)
        rows += [*plan.freed, *plan.rows]
        told += [f"{day:g} {row.what}" for row in (*plan.freed, *plan.rows)]
    return told


@pytest.mark.parametrize(
    ("news", "days", "told"),
    [
        ([], [1, 11], []),
        ([], [12, 13, 14, 15, 20, 21, 22], ["12 remind", "14 limit", "21 suspend"]),
        ([], [30, 31, 32, 38, 39], ["30 remind", "32 limit", "39 suspend"]),
        (["3 pending s1"], [12, 14, 30, 44], ["12 remind", "14 limit", "44 limit"]),
        (["3 failed s1", "4 failed s2"], [5, 6, 7, 14, 20, 21], ["5 remind", "7 limit", "21 suspend"]),
        (["3 passed s1"], [12, 14, 21], []),
        ([], [12, 14, 21, 60], ["12 remind", "14 limit", "21 suspend", "60 suspend"]),
    ],
)
def test_no_stage_is_left_out(news: list[str], days: list[float], told: list[str]) -> None:
    assert lived(case(*news), days) == told


def test_who_passes_late_is_freed_at_once_and_once() -> None:
    rows: list[Response] = []
    assert lived(case(), [12, 14, 21], rows)[-1] == "21 suspend"
    passed = case("22 passed s1")
    assert lived(passed, [22, 23], rows) == ["22 undo", "22 undo", "22 undo"]
    assert in_force(rows, START + 22 * DAY) == []
    revoked = case("22 passed s1", "40 failed s1")
    assert lived(revoked, [40, 42, 49], rows) == ["40 remind", "42 limit", "49 suspend"], "from the beginning again"
    assert len({one.key for one in rows}) == len(rows)


def test_a_victim_is_never_limited_and_freed_if_it_was() -> None:
    rows: list[Response] = []
    assert lived(case(), [12, 14], rows) == ["12 remind", "14 limit"]
    assert lived(case(), [15, 30], rows, victims="a") == ["15 undo", "15 undo"]


def test_the_plan_is_bounded_oldest_first_and_frees_all() -> None:
    waiting = [case(account=f"a{n}", until=n / 10) for n in range(20)]
    plan = due(waiting, [], frozenset(), START + 30 * DAY, replace(SETTINGS, most_acted_a_run=3))
    assert [one.account_id for one in plan.rows] == ["a0", "a1", "a2"]
    assert plan.held_back == {"remind": 17} and "stopped at 3 rows; beyond them: 17 remind" in plan.stopped


def test_a_row_says_why_until_when_and_how_it_is_undone_and_tells_no_secret() -> None:
    (row,) = due([case()], [], frozenset(), START + 13 * DAY, SETTINGS).rows
    assert (row.what, row.key, row.case) == ("remind", "a:remind:1", "a")
    assert row.expires_at == START + 43 * DAY and "--undo KEY" in row.undo and row.appeal
    assert "a document" in row.told and "likelihood" not in row.told and row.why not in row.told


def test_rows_are_written_once_and_a_torn_line_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "responses.jsonl"
    plan = due([case()], [], frozenset(), START + 13 * DAY, SETTINGS)
    assert (responses.write(path, plan.rows), responses.write(path, plan.rows)) == (1, 0)
    assert responses.read(path) == list(plan.rows)
    with path.open("ab") as file:
        file.write(b'{"key": "half')
    assert responses.read(path) == list(plan.rows)
    assert responses.write(path, [undoing(plan.rows[0], "by anna", START)]) == 1
    first, second = (orjson.loads(line) for line in path.read_bytes().splitlines())
    assert first["expires_at"].endswith("Z") and (second["what"], second["undoes"]) == ("undo", "a:remind:1")
    assert path.stat().st_mode & 0o077 == 0 and responses.read(tmp_path / "none.jsonl") == []
    path.write_text("[]\n")
    with pytest.raises(BadConfiguration, match="responses not readable"):
        responses.read(path)


def test_what_a_guard_is_told() -> None:
    """Only what was carried out limits anybody; the calendar alone does not."""
    rows: list[Response] = []

    def told(one: Case, day: float) -> list[str]:
        return [row["step_up"] for row in standings([one], rows, START + day * DAY, SETTINGS)]

    assert told(case(), 30) == ["asked"]
    lived(case(), [12, 14], rows)
    assert told(case(), 15) == ["overdue"] and told(case(), 60) == ["asked"], "a response that is over limits nobody"
    lived(case(), [21], rows)
    assert told(case(), 22) == ["lapsed"]
    lived(case("22 passed s1"), [22], rows)
    assert told(case("22 passed s1"), 23) == ["passed"]
    helped = Response("k", "a", "rotate_keys", "", START, START + 99 * DAY, "", "")
    assert [row["step_up"] for row in standings([], [helped], START, SETTINGS)] == ["helped"]
