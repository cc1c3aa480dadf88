"""Worlds by name, and seeds kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.benchmark.cases import Case, Place, cases, check_apart, places, read_place
from stillwatch.errors import BadConfiguration


@pytest.mark.parametrize(
    "text, place, label",
    [
        ("disclosure", Place("disclosure-2026-02"), "disclosure"),
        ("calm-2026-02", Place("calm-2026-02"), "calm"),
        ("disc@2", Place("disclosure-2026-02", 2), "disclosure@2"),
        ("disclosure@0", Place("disclosure-2026-02"), "disclosure"),
    ],
)
def test_short_and_full_names(text: str, place: Place, label: str) -> None:
    found = read_place(text)
    assert (found, found.label) == (place, label)


def test_a_world_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("same_as: calm-2026-02\ndays: 3\n")
    found = read_place(f"{tmp_path}/mine.yaml@1")
    assert (found.label, found.key, found.load().days) == ("mine@1", "mine@1", 3)
    assert Case(found, 4).folder == "mine@1-seed4"


@pytest.mark.parametrize("text, what", [("nowhere", "nowhere"), ("", "no world"), ("calm@x", "'x'"), ("calm@99", "99")])
def test_an_error_says_what_where_allowed_next(text: str, what: str) -> None:
    with pytest.raises(BadConfiguration) as told:
        read_place(text)
    assert what in told.value.what and told.value.where and told.value.allowed


def test_each_world_once_and_its_seeds_together() -> None:
    where = places(["calm", "disclosure", "calm"])
    assert [one.name for one in cases(where, [2, 1, 2])] == [
        "calm, seed 2", "calm, seed 1", "disclosure, seed 2", "disclosure, seed 1",
    ]  # fmt: skip


def test_a_seed_is_fitted_on_or_reported_never_both() -> None:
    check_apart([11, 12], [1, 2])
    with pytest.raises(BadConfiguration, match="seed 2, 3 is both fitted on and reported") as told:
        check_apart([1, 2, 3], [2, 3, 4])
    assert told.value.where and told.value.allowed and told.value.next_step == "--fit-seeds 5"
