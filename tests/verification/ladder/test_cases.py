"""The store of cases: nothing twice, nothing lost, nothing of a person's."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from stillwatch.errors import BadConfiguration
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.outcome import Outcome

KEYS = Pseudonyms(b"k" * 32)
NOW = 1_780_000_000.0
WRITES = """
import sys
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.outcome import Outcome

path, name, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
cases = Cases(path, Pseudonyms(b"k" * 32))
cases.open_case(Opened("c", "a", 1.0, ("identity",), 2.0))
for number in range(many):
    told = cases.record(Outcome("persona", f"{name}-{number}", float(number), "c", "identity", "started"))
    print(number, told, flush=True)
"""


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return Cases(tmp_path / "cases.db", KEYS)


def opened(case: str = "c", account: str = "a", at: float = NOW, days: float = 7.0) -> Opened:
    return Opened(
        case, account, at, ("identity", "organization"), at + days * 86_400, "education", 0.9, "two cards", "b1"
    )


def news(event: str = "e", state: str = "passed", case: str = "c", at: float = NOW, **facts: str) -> Outcome:
    return Outcome("persona", event, at, case, "identity", state, "s", facts=tuple(facts.items()))


def test_a_case_and_its_news(cases: Cases, tmp_path: Path) -> None:
    assert cases.open_case(opened()) and not cases.open_case(opened(account="another"))
    assert cases.record(news("e1", "started"), NOW) == "recorded"
    assert cases.record(news("e1", "started"), NOW) == "known"
    assert cases.record(news("e2", case="nobody's"), NOW) == "unknown case"
    assert cases.record(news("e1", "started", case="nobody's"), NOW) == "unknown case"
    again = Cases(tmp_path / "cases.db", KEYS).case("c")
    assert again and again == cases.case("c")
    assert (again.opened, again.state, len(again.steps)) == (opened(), "started", 1)
    assert cases.case("nobody's") is None and cases.of_session("persona", "s") == "c"
    assert cases.of_session("other", "s") is None


def test_who_is_due_and_who_failed(cases: Cases) -> None:
    for name, state in (("open", ""), ("passed", "passed"), ("tried", "failed"), ("later", "")):
        cases.open_case(opened(name, f"of {name}", days=9 if name == "later" else 1))
        if state:
            cases.record(news(name, state, name), NOW)
    assert [one.opened.case for one in cases.due(NOW + 86_400)] == ["open", "tried"]
    assert [one.opened.case for one in cases.all(state="passed")] == ["passed"]
    assert [one.opened.account_id for one in cases.of_account("of open")] == ["of open"]
    assert list(cases.failures()) == [("of tried", NOW, "failed")]
    assert cases.waive("open", "anna", NOW + 1) == "recorded" and cases.waive("none", "anna", NOW) == "unknown case"
    assert [one.opened.case for one in cases.due(NOW + 86_400)] == ["tried"]


def test_what_was_shown_is_kept_as_a_token(cases: Cases, tmp_path: Path) -> None:
    cases.open_case(opened())
    cases.record(news(document="X1234567", email="anna@example.com", organization="example.com"), NOW)
    cases.close()
    found = cases.case("c")
    assert found is not None
    facts = dict(found.steps[0].facts)
    assert facts["organization"] == "example.com" and facts["document"] == KEYS.token("shown document", "X1234567")
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"X1234567" not in held and b"anna" not in held and b"example.com" in held
    assert (tmp_path / "cases.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Outcome("persona", "e", NOW, "c", "retina", "passed"), "step 'retina'"),
        (Outcome("persona", "e", NOW, "c", "identity", "done"), "state 'done'"),
        (Outcome("persona", "e", float("nan"), "c", "identity", "passed"), "news of nan"),
        (Outcome("persona", "e", NOW + 200_000, "c", "identity", "passed"), "no more than a day ahead"),
        (Outcome("persona", "", NOW, "c", "identity", "passed"), "without a vendor or an id"),
    ],
)
def test_news_that_cannot_be_is_an_error_and_not_kept(cases: Cases, outcome: Outcome, why: str) -> None:
    cases.open_case(opened())
    with pytest.raises(BadConfiguration, match=why):
        cases.record(outcome, NOW)
    found = cases.case("c")
    assert found and found.steps == ()


@pytest.mark.parametrize("case", [opened(""), opened(account=""), Opened("c", "a", 1.0, (), 2.0), opened(days=-1)])
def test_a_case_that_cannot_be(cases: Cases, case: Opened) -> None:
    with pytest.raises(BadConfiguration):
        cases.open_case(case)


def writing(path: Path, name: str, many: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", WRITES, path, name, str(many)], stdout=subprocess.PIPE, text=True, env=environment
    )


def recorded(path: Path) -> set[str]:
    with create_engine(f"sqlite:///{path}").connect() as connection:
        return set(connection.execute(text("select event_id from events")).scalars())


def test_two_processes_write_at_once_while_another_reads(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    both = [writing(path, name, 60) for name in ("one", "two")]
    while any(one.poll() is None for one in both):
        if path.exists():
            Cases(path, KEYS).case("c")
        time.sleep(0.05)
    assert [one.returncode for one in both] == [0, 0]
    assert recorded(path) == {f"{name}-{number}" for name in ("one", "two") for number in range(60)}


def test_a_process_that_is_killed_loses_nothing_that_it_was_told_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    one = writing(path, "one", 100_000)
    assert one.stdout is not None
    said = [one.stdout.readline() for _ in range(200)]
    one.send_signal(signal.SIGKILL)
    said += one.stdout.read().splitlines()
    acknowledged = {f"one-{line.split()[0]}" for line in said if line.split()[-1:] == ["recorded"]}
    assert len(acknowledged) >= 200 and acknowledged <= recorded(path)
    assert Cases(path, KEYS).record(news("after"), NOW) == "recorded", "the next process goes on"


def test_a_file_that_is_none_a_damaged_one_and_another_version(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"this is no database, " * 500)
    with pytest.raises(BadConfiguration, match=r"cannot be used: file is not a database[\s\S]*other.db"):
        Cases(other, KEYS)
    assert other.read_bytes().startswith(b"this is no database"), "it is somebody's"

    path = tmp_path / "cases.db"
    made = Cases(path, KEYS)
    for number in range(300):
        made.open_case(opened(f"c{number}"))
    made.close()
    with path.open("r+b") as file:
        file.seek(8_192)
        file.write(b"\xff" * (path.stat().st_size - 8_192))
    with pytest.raises(BadConfiguration, match=r"malformed|corrupt|not a database"):
        list(Cases(path, KEYS).all())

    newer = tmp_path / "newer.db"
    Cases(newer, KEYS).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("update stillwatch_schema set version = 2")
    with pytest.raises(BadConfiguration, match=r"version 2 of its tables[\s\S]*version 1"):
        Cases(newer, KEYS)


@pytest.mark.parametrize("where", ["sqlite://", "nothing://x/y", "://"])
def test_an_address_that_is_none(where: str) -> None:
    with pytest.raises(BadConfiguration):
        Cases(where, KEYS)
