"""Whatever is written between two pages: a reader who goes on where it stopped misses nothing and gets nothing twice."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.sharing.taxii.query import Query
from tests.sharing.taxii.taxii_here import DATES_LAST, MANIFEST, OBJECTS, OPEN, Here, here, indicator, match, named

NAMES = [named("indicator") for _ in range(6)]
DAYS = [f"2026-01-{day:02}T00:00:00.000Z" for day in range(1, 6)]
WRITES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=8)
STEPS = st.lists(st.one_of(WRITES, st.integers(1, 4)), min_size=1, max_size=20)  # a post, or a page of so many
Key = tuple[str, str]


def written(taxii: Here, write: list[tuple[int, int]]) -> None:
    taxii.post(*(indicator(NAMES[name], DAYS[day]) for name, day in write))


def by_next(told: Any) -> str:
    return f"&next={told.said['next']}" if told.said.get("more") else ""


def by_date(told: Any) -> str:
    return f"&added_after={told.headers[DATES_LAST]}"


class Reader:
    """Asks for every version, as many at a time as it is told to, and goes on in one of the two ways of 3.5."""

    def __init__(self, taxii: Here, path: str, goes_on: Callable[[Any], str]) -> None:
        self.taxii, self.path, self.goes_on = taxii, path, goes_on
        self.found: list[Key] = []
        self.where = ""

    def page(self, limit: int) -> bool:
        told = self.taxii.get(f"{match(version='all')}&limit={limit}{self.where}", self.path)
        ones = told.said.get("objects", [])
        self.found += [(one["id"], one.get("modified", one.get("version"))) for one in ones]
        assert len(ones) <= limit
        self.where = self.goes_on(told) or by_date(told)
        return bool(told.said.get("more"))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.sampled_from([OBJECTS, MANIFEST]), st.sampled_from([by_next, by_date]))
def test_any_interleaving(steps: list[Any], path: str, goes_on: Callable[[Any], str]) -> None:
    with tempfile.TemporaryDirectory() as folder, here(Path(folder)) as taxii:
        reader, expected = Reader(taxii, path, goes_on), list[Key]()
        for step in steps:
            if isinstance(step, int):
                reader.page(step)
            else:
                written(taxii, step)
                expected += [(NAMES[name], DAYS[day]) for name, day in step]
        while reader.page(3):
            pass
        assert reader.found == list(dict.fromkeys(expected))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_who_asks_for_the_latest_has_the_latest_of_all_in_the_end(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, here(Path(folder)) as taxii:
        after, have, newest = 0, dict[str, str](), dict[str, str]()
        for step in [*steps, 1_000]:
            if not isinstance(step, int):
                written(taxii, step)
                for name, day in step:
                    newest[NAMES[name]] = max(newest.get(NAMES[name], ""), DAYS[day])
                continue
            for row in taxii.objects.page(OPEN.id, Query(after, step)).rows:
                after, have[row.id] = row.added, row.version
        assert have == newest


def test_instants_are_distinct_and_grow_within_one_post(taxii: Here) -> None:
    taxii.post(*(indicator() for _ in range(400)))
    taxii.post(*(indicator() for _ in range(100)))
    dates = [one["date_added"] for one in taxii.get("", MANIFEST).said["objects"]]
    assert len(set(dates)) == 500 and dates == sorted(dates)


def test_a_clock_that_stands_or_goes_back_makes_no_instant_twice(taxii: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    now, ones = time.time_ns(), [indicator() for _ in range(6)]
    for number, at in enumerate((now, now, now - 10**12)):
        monkeypatch.setattr(time, "time_ns", lambda at=at: at)
        taxii.post(*ones[2 * number : 2 * number + 2])
    listed = taxii.get("", MANIFEST).said["objects"]
    dates = [one["date_added"] for one in listed]
    assert [one["id"] for one in listed] == [one["id"] for one in ones]
    assert len(set(dates)) == 6 and dates == sorted(dates)
    gone = taxii.ask("DELETE", f"{OBJECTS}{ones[5]['id']}/")
    taxii.post(ones[5])
    assert gone.status == 200 and taxii.get("", MANIFEST).said["objects"][5]["date_added"] > dates[5], (
        "not given out again"
    )


def test_a_page_is_bounded_in_bytes_as_well(taxii: Here) -> None:
    big = [indicator(description="x" * 900_000) for _ in range(20)]
    for one in big:
        taxii.post(one)
    first = taxii.get()
    assert first.said["more"] and len(first.body) < 17 << 20 and 15 < len(first.ids) < 20
    assert first.ids + taxii.get(f"next={first.said['next']}").ids == [one["id"] for one in big]
