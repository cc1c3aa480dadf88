"""Several processes that write at a time, and a reader that pages meanwhile; secrets, failures, and what the file says."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import BadConfiguration, StoreLocked
from stillwatch.noted import Notes
from stillwatch.sharing.markings import above
from stillwatch.sharing.taxii import instants
from stillwatch.sharing.taxii.exchange import load
from stillwatch.sharing.taxii.failures import MOST, WINDOW_SECONDS, Failures
from stillwatch.sharing.taxii.instants import NoInstant
from stillwatch.sharing.taxii.objects import Objects
from stillwatch.sharing.taxii.query import Query
from stillwatch.sharing.taxii.received import KEPT_SECONDS, Received
from stillwatch.sharing.taxii.schema import opened
from stillwatch.sharing.taxii.tokens import Tokens
from tests.sharing.taxii.taxii_here import EXCHANGE, INBOX, OBJECTS, OPEN, Here, basic, indicator

TLP = {
    "clear": "94868c89-83c2-464b-929b-a1a8aa3c8487", "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "e828b379-4e03-4974-9ac4-e53a884c97c1", "white1": "613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "red1": "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}  # fmt: skip


def writes(where: str, number: int, posts: int) -> None:
    """One process of several: posts of its own, the second of them pending first, and whatever waits is added."""
    store = opened(where)
    objects = Objects(store)
    objects.begin([OPEN.id])
    received = Received(objects)
    for post in range(posts):
        base = number * 1_000_000 + post * 10_000
        many = 520 if post == 1 else 200
        ones = [indicator(f"indicator--00000000-0000-4000-8000-{base + one:012}") for one in range(many)]
        received.take(OPEN, "acme", ones)
        received.work({OPEN.id: OPEN})
    while received.work({OPEN.id: OPEN}):
        pass
    store.dispose()


def paged_while_written(where: str, processes: int, posts: int) -> tuple[list[str], int]:
    """Ids as a reader got them in pages of 37 while all of them wrote, and how many were written."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=writes, args=(where, number, posts)) for number in range(processes)]
    for one in writers:
        one.start()
    store = opened(where)
    objects, after, found = Objects(store), 0, list[str]()
    objects.begin([OPEN.id])
    while True:
        over = all(one.exitcode is not None for one in writers)
        page = objects.page(OPEN.id, Query(after, 37))
        found += [row.id for row in page.rows]
        after = page.rows[-1].added if page.rows else after
        if over and not page.more:
            break
        time.sleep(0 if page.rows else 0.01)
    store.dispose()
    assert [one.exitcode for one in writers] == [0] * processes
    return found, processes * sum(520 if post == 1 else 200 for post in range(posts))


def test_a_reader_misses_nothing_while_several_processes_write(tmp_path: Path) -> None:
    found, written = paged_while_written(str(tmp_path / "objects.db"), processes=2, posts=6)
    assert len(found) == len(set(found)) == written


def test_statuses_are_forgotten_in_time(taxii: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    told = taxii.post(indicator())
    place = f"/exchange/status/{told['id']}/"
    now = time.time_ns()
    for later, gone in ((KEPT_SECONDS - 60, 0), (KEPT_SECONDS + 60, 1)):
        monkeypatch.setattr(time, "time_ns", lambda later=later: now + later * 1_000_000_000)
        assert taxii.received.forget() == gone and taxii.ask("GET", place).status == (404 if gone else 200)


def test_a_post_into_a_collection_that_was_taken_away_ends_in_failures(taxii: Here) -> None:
    told = taxii.post(*(indicator() for _ in range(600)))
    while taxii.received.work({}):
        pass
    assert taxii.received.status(told["id"], "acme")["failure_count"] == 600  # type: ignore[index]


def test_a_store_that_is_busy_is_tried_again_later(taxii: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> None:
        raise StoreLocked("another process has held the store", "there", "", "try again")

    monkeypatch.setattr(taxii.objects, "page", busy)
    told = taxii.get()
    assert (told.status, told.headers["retry-after"], told.said["error_code"]) == (503, "5", "busy")
    assert told.said["error_id"] in taxii.said[0] and "held the store" in taxii.said[0]


def test_nothing_leaves_that_is_not_written_down(taxii: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    taxii.post(indicator())

    def full(row: dict[str, Any]) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(taxii.door._endpoints, "notes", full)
    told = taxii.get()
    assert told.status == 500 and "objects" not in told.said and "disk" not in told.body.decode()


@pytest.mark.parametrize(
    ("refs", "parts", "most", "level"),
    [
        ([], [], "TLP:CLEAR", ""), (["clear"], [], "TLP:CLEAR", ""), (["green"], [], "TLP:CLEAR", "TLP:GREEN"),
        (["green"], [], "TLP:GREEN", ""), (["amber"], [], "TLP:GREEN", "TLP:AMBER"), 
        (["strict"], [], "TLP:AMBER", "TLP:AMBER+STRICT"),
        (["clear", "red"], [], "TLP:AMBER", "TLP:RED"), (["clear"], ["red1"], "TLP:AMBER", "TLP:RED"),
        (["white1"], [], "TLP:CLEAR", ""), (["red"], ["red"], "TLP:RED", ""),
    ],
)  # fmt: skip
def test_what_is_marked_stricter_than_a_collection_takes(
    refs: list[str], parts: list[str], most: str, level: str
) -> None:
    one = {
        "object_marking_refs": [f"marking-definition--{TLP[ref]}" for ref in refs],
        "granular_markings": [
            {"marking_ref": f"marking-definition--{TLP[ref]}", "selectors": ["name"]} for ref in parts
        ],
    }
    assert above(one, most) == level


def test_an_object_above_the_collection_is_a_failure_of_it_alone(taxii: Here) -> None:
    good = indicator(object_marking_refs=[f"marking-definition--{TLP['green']}"])
    told = taxii.post(indicator(object_marking_refs=[f"marking-definition--{TLP['amber']}"]), good, to=INBOX)
    assert told["successes"][0]["id"] == good["id"] and "TLP:AMBER" in told["failures"][0]["message"]


def test_wrong_secrets_are_answered_more_slowly_and_right_ones_always_pass(taxii: Here) -> None:
    answers = [taxii.ask("GET", OBJECTS, who=None, authorization=basic("acme", str(one))) for one in range(MOST + 2)]
    assert [one.status for one in answers] == [401] * MOST + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= WINDOW_SECONDS
    assert taxii.get().status == 200 and taxii.ask("GET", OBJECTS, who=None).status == 401, "none was shown"


def test_failures_are_counted_by_address_and_forgotten() -> None:
    failures = Failures()
    assert [failures.wait("a", 0.0) for _ in range(MOST)] == [0] * MOST
    assert (failures.wait("a", 10.0), failures.wait("b", 10.0)) == (WINDOW_SECONDS - 10, 0)
    assert failures.wait("a", WINDOW_SECONDS) == 0


def test_a_partner_taken_out_of_the_file_gets_in_no_more(taxii: Here) -> None:
    secret = taxii.tokens.make("gone", 0)
    assert taxii.ask("GET", OBJECTS, who=None, authorization=f"Bearer {secret}").status == 401


def test_secrets_end_when_they_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, now = Tokens(opened(tmp_path / "objects.db")), time.time_ns()
    first = tokens.make("a", 0)
    second = tokens.make("a", 3_600)
    other = tokens.make("b", 0)
    whose = [tokens.partner(f"Bearer {one}") for one in (first, second, other)]
    assert whose == ["a", "a", "b"] and tokens.partner(basic("b", first)) is None
    monkeypatch.setattr(time, "time_ns", lambda: now + 7_200 * 1_000_000_000)
    assert [tokens.partner(f"Bearer {one}") for one in (first, second)] == [None, "a"]
    assert tokens.revoke("a") == 1 and tokens.partner(f"Bearer {second}") is None and tokens.of("a") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "cannot be read"), ("port = 1", "no such setting"), ("title = 1", "not a text"), 
        ("root = 'taxii2'", "not a name"),
        ("most_bytes = 0", "number of bytes"), ("collections = 1", "not a table"), ("[collections.A]\nid='x'", "not the id"),
        ("[collections.a]\nid='6f1ad2f8-9f6b-1b6e-9b0e-3d1f0c6a5e2d'", "not the id"), 
        (f"[collections.A]\nid='{OPEN.id}'", "not a name"),
        (f"[collections.a]\nid='{OPEN.id}'\nmost_restrictive='TLP:WHITE'", "no such marking"),
        (f"[collections.a]\nid='{OPEN.id}'\n[collections.b]\nid='{OPEN.id}'", "same id"),
        ("[partners.a]\nreads=['x']", "not a list of collections"), ("[partners.a]\nread=[]", "no such setting"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "exchange.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=said):
        load(tmp_path / "exchange.toml")


@pytest.mark.parametrize("text", ["", "2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00",
                                  "2026-01-01t00:00:00z", "2026-01-01T00:00:60Z", "२०२६-01-01T00:00:00Z"])  # fmt: skip
def test_no_instants(text: str) -> None:
    for read in (instants.micros, instants.version):
        with pytest.raises(NoInstant):
            read(text)


def test_instants_are_read_as_they_are_written() -> None:
    for one in (0, 1, 1_767_225_600_123_456, instants.MOST):
        assert instants.micros(instants.written(one)) == one
    sorted_ = [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.1Z",
        "2026-01-01T00:00:00.123456789Z",
        "2026-01-01T00:00:01Z",
    ]
    assert sorted(sorted_, key=instants.version) == sorted_


def test_another_versions_tables_are_not_touched(tmp_path: Path) -> None:
    from sqlalchemy import text

    store = opened(tmp_path / "objects.db")
    with store.begin() as connection:
        connection.execute(text("UPDATE taxii_schema SET version = 2"))
    with pytest.raises(BadConfiguration, match="version 2"):
        opened(tmp_path / "objects.db")
    (tmp_path / "other.db").write_bytes(b"no database" * 100)
    with pytest.raises(BadConfiguration, match="cannot be used"):
        opened(tmp_path / "other.db")


def test_notes_of_the_door_name_partners_and_ids(taxii: Here, tmp_path: Path) -> None:
    one = indicator()
    taxii.post(one)
    taxii.get()
    taxii.ask("DELETE", f"{OBJECTS}{one['id']}/")
    assert [(row["did"], row["ids"]) for row in taxii.notes] == [
        (did, [one["id"]]) for did in ("posted", "objects", "delete")
    ]
    assert all(row["partner"] == "acme" and row["address"] == "192.0.2.1" for row in taxii.notes)
    page = taxii.door._endpoints.counted.page()
    assert 'stillwatch_taxii_told_total{partner="acme"} 1.0' in page and "waiting 0.0" in page
    notes = Notes(tmp_path / "told", time.time)
    notes({"ids": [one["id"]] * 1_000})
    notes.close()
    assert EXCHANGE.find("open") == EXCHANGE.find(OPEN.id) == OPEN
