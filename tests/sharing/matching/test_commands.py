"""The commands, from two logs to what each side knows."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stillwatch.cli import app
from stillwatch.errors import StillwatchError
from tests.sharing.matching.logs_here import ACCOUNTS, placed

SOUTH = [
    ("s-one", "harvester", "C-9", "anna@googlemail.com", "card_00000077", None, None),
    ("s-two", "spare", "C-9", None, "card_00000001", "device_0077", None),
    ("s-victim", "victim", "C-9", "b@spare.example", "card_00000001", None, None),
    ("s-honest", None, None, "e@honest.example", "card_00000005", None, None),
]


def run(*words: object) -> dict[str, object]:
    done = CliRunner().invoke(app, ["share", "match", *map(str, words)])
    if isinstance(done.exception, StillwatchError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return json.loads(done.stdout) if "--json" in words else {"said": done.output}


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    placed(tmp_path / "north")
    placed(tmp_path / "south", SOUTH, templates=False)
    return tmp_path


NORTH = ("setup", "north/log", "--result", "north/out", "--name", "north")


def setup(*more: str) -> dict[str, object]:
    return run(*NORTH, "--partner", "south", "--epoch", "2026-11", "--json", *more)


OURS = ("south/log", "--result", "south/out", "--json")


def test_four_moves_and_what_is_told(both: Path) -> None:
    made = setup()
    assert made["values"] == {"device": 1, "email": 2, "payment": 1, "template": 12} and made["entries"] == 1_024
    asked = run("request", "set.match", *OURS)
    assert asked["values"] == {"device": 1, "email": 1, "payment": 2} and asked["to"] == "north"
    assert run("evaluate", "request.match", "--partner", "south", "--json")["epoch"] == {"requests": 1, "points": 1_024}
    said = run("finish", "reply.match", "set.match", *OURS, "--evidence", "evidence.parquet", "--tell", "told.match")
    assert (said["asked"], said["found"], said["by_kind"]) == (4, 2, {"email": 1, "payment": 1})
    rows = {row["account_id"]: row for row in pq.read_table("matches.parquet").to_pylist()}
    name = made["campaigns"]["C-1"]  # type: ignore[index]
    assert {
        one: tuple(row[name] for name in row if name not in ("account_id", "values")) for one, row in rows.items()
    } == {
        "s-one": ("email", "C-9", "north", "2026-11", name, 0.9),
        "s-two": ("payment", "C-9", "north", "2026-11", name, 0.9),
    }
    evidence = pq.read_table("evidence.parquet").to_pylist()
    assert [(one["account_id"], one["kind"], one["value"]) for one in evidence] == [
        ("s-one", "partner_match", f"north/2026-11/{name}"), ("s-two", "partner_match", f"north/2026-11/{name}"),
    ]  # fmt: skip
    assert not Path("request.secret").exists(), "what a request could be tried with is gone"
    told = run("told", "told.match", "--partner", "south", "--epoch", "2026-11", "--out", "north.parquet", "--json")
    assert told["accounts"] == 2
    rows = {row["account_id"]: row["partner_campaign"] for row in pq.read_table("north.parquet").to_pylist()}
    assert rows == dict.fromkeys(("harvest", "second"), said["our_campaigns"]["C-9"])  # type: ignore[index]


def test_a_count_names_nobody(both: Path) -> None:
    setup("--count")
    run("request", "set.match", *OURS)
    run("evaluate", "request.match", "--partner", "south")
    said = run("finish", "reply.match", "set.match", *OURS)
    assert said == {"schema_version": 1, "asked": 4, "found": 2} and not Path("matches.parquet").exists()


def test_all_accounts_may_be_held_and_only_a_campaigns_asked_for(both: Path) -> None:
    made = setup("--whom", "all", "--kind", "email", "--kind", "payment")
    assert made["values"] == {"email": 4, "payment": 3}
    asked = run("request", "set.match", *OURS)
    assert asked["values"] == {"email": 1, "payment": 2}, "whatever the set has"


def test_values_are_in_no_file(both: Path) -> None:
    setup("--whom", "all", "--kind", "phone", "--kind", "email", "--kind", "payment", "--kind", "device")
    run("request", "set.match", *OURS)
    run("evaluate", "request.match", "--partner", "south")
    given = (both / "north", both / "south/log")
    files = [one for one in both.rglob("*") if one.is_file() and not any(map(one.is_relative_to, given))]
    assert len(files) >= 9
    values = {str(one).lower().encode() for row in [*ACCOUNTS, *SOUTH] for one in row[3:] if one and len(str(one)) > 3}
    values |= {b"anna@gmail.com", b"+491712345678"}
    assert [(file.name, one) for file in files for one in values if one in file.read_bytes().lower()] == []


def test_what_cannot_be(both: Path) -> None:
    setup()
    new = (*NORTH, "--partner", "west", "--epoch", "x")
    wrong: list[tuple[str, tuple[object, ...]]] = [
        ("set up already", (*NORTH, "--partner", "south", "--epoch", "2026-11")),
        ("ipv4 is never matched", (*new, "--kind", "ipv4")),
        ("is no name", (*NORTH, "--partner", "../s", "--epoch", "x")),
        ("nobody is", (*new, "--whom", "watch")),
        ("the result has no", (*new, "--result", "north")),
        ("no table of accounts", ("setup", "north/out/x", *new[2:])),
        ("this is no request", ("evaluate", "set.match", "--partner", "south")),
        ("not readable", ("evaluate", "nothing.match", "--partner", "south")),
    ]
    (both / "north/out/x").mkdir()
    for what, words in wrong:
        with pytest.raises(StillwatchError) as problem:
            run(*words)
        assert what in str(problem.value)
    run("request", "set.match", *OURS)
    with pytest.raises(StillwatchError, match="another request is not finished"):
        run("request", "set.match", *OURS)


def test_an_epoch_is_ended_when_it_is_said(both: Path) -> None:
    setup()
    assert "say --yes" in str(run("end", "--partner", "south", "--epoch", "2026-11")["said"])
    assert Path("matching/south/2026-11/key").exists()
    run("end", "--partner", "south", "--epoch", "2026-11", "--yes")
    assert sorted(one.name for one in Path("matching/south/2026-11").iterdir()) == ["limits.json", "set.match"]
    with pytest.raises(StillwatchError, match="has ended"):
        run("end", "--partner", "south", "--epoch", "2026-11", "--yes")


def test_nothing_is_sent_until_it_is_said(both: Path) -> None:
    Path("token").write_text("0" * 64)
    Path("token").chmod(0o600)
    said = run("ask", *OURS, "--url", "https://north.invalid", "--token", "token", "--epoch", "2026-11")
    assert (
        said["sent"] is False
        and said["values"] == {"device": 1, "email": 1, "payment": 2}
        and said["points_at_most"] == 1_024
    )
