"""The store of cases: nothing twice, nothing lost, nothing of a person's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from stillwatch.errors import BadConfiguration, UnknownFormat
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.outcome import Outcome

KEYS = Pseudonyms(b"k" * 32)
NOW = 1_780_000_000.0
WRITES = """
import os
import sys
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.outcome import Outcome

where, many, *names = sys.argv[1:]

def says(*words):  # in one call: lines of several processes do not mix
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def writes(name):
    cases = Cases(where, Pseudonyms(b"k" * 32))
    says("case", cases.open_case(Opened("c", "a", 1.0, ("identity",), 2.0)))
    for number in range(int(many)):
        for event in (f"{name}-{number}", f"everybody-{number}"):
            says(event, cases.record(Outcome("persona", event, float(number), "c", "identity", "started")))

others = names[1:]  # processes of their own, begun by one so that all it needs is imported once
if name := next((one for one in others if not os.fork()), ""):
    writes(name)
else:
    writes(names[0])
    assert all(os.wait()[1] == 0 for _ in others)
"""


@pytest.fixture
def cases(where: str) -> Iterator[Cases]:
    with Cases(where, KEYS) as store:
        yield store


def opened(case: str = "c", account: str = "a", at: float = NOW, days: float = 7.0) -> Opened:
    return Opened(
        case, account, at, ("identity", "organization"), at + days * 86_400, "education", 0.9, "two cards", "b1"
    )


def news(event: str = "e", state: str = "passed", case: str = "c", at: float = NOW, **facts: str) -> Outcome:
    return Outcome("persona", event, at, case, "identity", state, "s", facts=tuple(facts.items()))


def test_a_case_and_its_news(cases: Cases, where: str) -> None:
    assert cases.open_case(opened()) and not cases.open_case(opened(account="another"))
    assert cases.record(news("e1", "started"), NOW) == "recorded"
    assert cases.record(news("e1", "started"), NOW) == "known"
    assert cases.record(news("e2", case="nobody's"), NOW) == "unknown case"
    assert cases.record(news("e1", "started", case="nobody's"), NOW) == "unknown case"
    again = Cases(where, KEYS).case("c")
    assert again and again == cases.case("c")
    assert (again.opened, again.state, len(again.steps)) == (opened(), "started", 1)
    assert cases.case("nobody's") is None and cases.of_session("persona", "s") == "c"
    assert cases.of_session("other", "s") is None
    assert cases.case("c\0") is None and cases.of_account("a\0") == []


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


def test_what_was_shown_is_kept_as_a_token(cases: Cases, where: str) -> None:
    cases.open_case(opened())
    cases.record(news(document="X1234567", email="anna@example.com", organization="example.com"), NOW)
    found = cases.case("c")
    assert found is not None
    facts = dict(found.steps[0].facts)
    assert facts["organization"] == "example.com" and facts["document"] == KEYS.token("shown document", "X1234567")
    held = repr([*rows(where, "select * from cases"), *rows(where, "select * from events")])
    assert "X1234567" not in held and "anna" not in held and "example.com" in held


def test_a_file_is_for_its_owner_alone_and_has_no_more_in_it_than_rows_have(tmp_path: Path) -> None:
    with Cases(tmp_path / "cases.db", KEYS) as store:
        store.open_case(opened())
        store.record(news(document="X1234567", email="anna@example.com", organization="example.com"), NOW)
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
        (Outcome("persona", "e" * 256, NOW, "c", "identity", "passed"), "without a vendor or an id"),
        (Outcome("persona", "e", NOW, "c", "identity", "passed", "\0"), "a character that no text has"),
    ],
)
def test_news_that_cannot_be_is_an_error_and_not_kept(cases: Cases, outcome: Outcome, why: str) -> None:
    cases.open_case(opened())
    with pytest.raises(UnknownFormat, match=why):
        cases.record(outcome, NOW)
    found = cases.case("c")
    assert found and found.steps == ()


@pytest.mark.parametrize(
    "case",
    [opened(""), opened(account=""), opened(account="a\0"), Opened("c", "a", 1.0, (), 2.0), opened(days=-1)],
)
def test_a_case_that_cannot_be(cases: Cases, case: Opened) -> None:
    with pytest.raises(BadConfiguration):
        cases.open_case(case)


def writing(where: str, many: int, *names: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", WRITES, where, str(many), *names], stdout=subprocess.PIPE, text=True, env=environment
    )


def rows(where: str, asked: str) -> list[Any]:
    with create_engine(where if "://" in where else f"sqlite:///{where}").connect() as connection:
        return [tuple(row) for row in connection.execute(text(asked))]


def recorded(where: str) -> list[str]:
    return [event for (event,) in rows(where, "select event_id from events")]


def test_processes_write_the_same_and_their_own_at_once_while_another_reads(where: str) -> None:
    """They begin where there are no tables yet. Of what several tell, one is told that it was first."""
    names = ("one", "two", "three")
    writers = writing(where, 20, *names)
    with Cases(where, KEYS) as reads:
        while writers.poll() is None:
            reads.case("c")
            time.sleep(0.05)
    assert writers.returncode == 0 and writers.stdout is not None
    told = Counter(writers.stdout.read().splitlines())
    everybody, own = ({f"{name}-{number}" for name in who for number in range(20)} for who in (("everybody",), names))
    assert told == {
        "case True": 1, "case False": 2, **{f"{one} recorded": 1 for one in everybody | own},
        **{f"{one} known": 2 for one in everybody},
    }  # fmt: skip
    assert sorted(recorded(where)) == sorted(everybody | own)


def test_a_process_that_is_killed_loses_nothing_that_it_was_told_is_recorded(where: str) -> None:
    one = writing(where, 100_000, "one")
    assert one.stdout is not None
    said = [one.stdout.readline() for _ in range(200)]
    one.send_signal(signal.SIGKILL)
    said += one.stdout.read().splitlines()
    acknowledged = {line.split()[0] for line in said if line.split()[-1:] == ["recorded"]}
    assert len(acknowledged) >= 199 and acknowledged <= set(recorded(where))
    assert Cases(where, KEYS).record(news("after"), NOW) == "recorded", "the next process goes on"


def test_a_file_that_is_none_and_a_damaged_one(tmp_path: Path) -> None:
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


def test_tables_of_another_version_are_not_touched(where: str) -> None:
    Cases(where, KEYS).close()
    with create_engine(where if "://" in where else f"sqlite:///{where}").begin() as connection:
        connection.execute(text("update stillwatch_schema set version = 2"))
    with pytest.raises(BadConfiguration, match=r"version 2 of its tables[\s\S]*version 1"):
        Cases(where, KEYS)
    assert rows(where, "select version from stillwatch_schema") == [(2,)]
