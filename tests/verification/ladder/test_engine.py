"""The door to the store: which addresses there are, what a server that is away or says no is told as, and never a password."""

from __future__ import annotations

import socket
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_here import PASSWORD, PostgresHere

from stillwatch.errors import BadConfiguration, EngineMissing, StoreLocked
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.outcome import Outcome

KEYS = Pseudonyms(b"k" * 32)
CASE = Opened("c", "a", 1.0, ("identity",), 2.0)
TOLD = "a secret"


def news(event: str) -> Outcome:
    return Outcome("persona", event, 1.0, "c", "identity", "started")


@pytest.mark.parametrize(
    "address",
    ["sqlite://", "nothing://x/y", "://", "mysql://u:secret@h/db", "postgresql+asyncpg://u:secret@h/db",
     "postgresql+psycopg://u:secret@h:x/db", "postgresql+psycopg://u:a@secret@h/db"],
)  # fmt: skip
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(BadConfiguration) as problem:
        Cases(address, KEYS)
    assert "secret" not in str(problem.value) and "postgresql+psycopg://USER" in str(problem.value)


def test_without_a_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(EngineMissing, match=r"pip install 'stillwatch\[postgres\]'"):
        Cases("postgresql+psycopg://u@h/d", KEYS)


def test_a_server_that_is_away_and_comes_back_and_nothing_acknowledged_is_lost(
    postgres: PostgresHere, database: str
) -> None:
    """It crashes, of a database in which commits need not reach the disk: ours do."""
    postgres.says(f"ALTER DATABASE {database.rpartition('/')[2]} SET synchronous_commit = off")
    with Cases(database, KEYS) as store:
        store.open_case(CASE)
        acknowledged = {f"e{n}" for n in range(40) if store.record(news(f"e{n}")) == "recorded"}
        postgres.crash()
        with pytest.raises(BadConfiguration, match=r"refused|closed|terminat") as problem:
            store.record(news("away"))
        with pytest.raises(BadConfiguration, match="look whether the server answers"):
            Cases(database, KEYS)
        postgres.start()
        assert store.record(news("away")) == "recorded", "the same process, without being started again"
        assert PASSWORD not in str(problem.value) and quote(PASSWORD) not in str(problem.value)
    held = {event for (event,) in postgres.says("SELECT event_id FROM events", database.rpartition("/")[2])}
    assert held == acknowledged | {"away"} and len(acknowledged) == 40


def test_a_server_that_was_started_again_costs_nobody_an_error(postgres: PostgresHere, database: str) -> None:
    with Cases(database, KEYS) as store:
        store.open_case(CASE)
        postgres.stop()
        postgres.start()
        assert store.record(news("e")) == "recorded"


def test_no_error_names_a_password(postgres: PostgresHere, database: str) -> None:
    name = database.rpartition("/")[2]
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    place = f"127.0.0.1:{postgres.port}"
    for address in (
        f"postgresql+psycopg://owner:{quote(TOLD)}@{place}/{name}",
        f"postgresql://owner:{quote(TOLD)}@{place}/{name}",
        f"postgresql+psycopg://owner@{place}/{name}?password={quote(TOLD)}&sslpassword={quote(TOLD)}",
        f"postgresql+psycopg://owner:{quote(TOLD)}@127.0.0.1:{closed}/{name}",
        f"postgresql+psycopg://owner:{quote(TOLD)}@{place}/none",
        f"postgresql+psycopg://owner:{quote(TOLD)}@name.invalid/{name}",
    ):
        with pytest.raises(BadConfiguration, match="look whether the server answers") as problem:
            Cases(address, KEYS)
        assert not any(one in str(problem.value) for one in (TOLD, quote(TOLD), TOLD.replace(" ", "+")))


@given(st.text(min_size=6), st.sampled_from(["u:{}@h:1/d", "{}@h/d", "u:{}@h:x/d", "h/d?password={}"]))
def test_whatever_a_password_is_it_is_not_told(word: str, form: str) -> None:
    """Written as it should not be, too."""
    secret = f"<{word}>"
    try:
        Cases(f"mysql://{form.format(secret)}", KEYS)
    except BadConfiguration as problem:
        assert secret not in str(problem)


def test_a_role_needs_no_right_but_to_read_and_to_add(postgres: PostgresHere, database: str) -> None:
    name = database.rpartition("/")[2]
    postgres.says(f"CREATE ROLE adds_{name} LOGIN PASSWORD 'x'")
    theirs = postgres.url(name, f"adds_{name}", "x")
    with pytest.raises(BadConfiguration, match=r"permission denied[\s\S]*a role that may SELECT and INSERT"):
        Cases(theirs, KEYS)
    Cases(database, KEYS).close()
    postgres.says(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO adds_{name}", name)
    postgres.says(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO adds_{name}", name)
    with Cases(theirs, KEYS) as store:
        assert store.open_case(CASE) and store.record(news("e")) == "recorded"
        assert store.waive("c", "anna", 2.0) == "recorded"


def test_a_writer_that_does_not_end_is_not_waited_for_without_end(database: str) -> None:
    """The bound is 15 seconds where nobody says otherwise; here the URL does."""
    import psycopg

    with Cases(f"{database}?options=-c%20lock_timeout%3D50", KEYS) as store:
        store.open_case(CASE)
        with psycopg.connect(database.replace("+psycopg", "")) as other:
            other.execute(
                'INSERT INTO events (vendor, event_id, at, "case", step, state, session, reason, facts, received_at) '
                "VALUES ('persona', 'e', 1, 'c', 'identity', 'started', '', '', '[]', 1)"
            )
            with pytest.raises(StoreLocked, match="held the store"):
                store.record(news("e"))
            other.rollback()
        assert store.record(news("e")) == "recorded"
