"""Some hundred hostile bundles, as bench/hostile_bundles.py makes them: none crashes, and no good object is lost."""

from __future__ import annotations

import pytest

from bench.hostile_bundles import HOSTILE, Taken, hostile

WHOLE = {"bytes changed", "cut", "noise", "deep", "huge", "no bundle", "no text", "numbers"}  # may be none, as a whole
MANY = 300


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    return Taken(tmp_path_factory.mktemp("hostile"))


def test_each_is_refused_or_its_good_object_is_taken(taken: Taken) -> None:
    sorts = set()
    for sort, data in hostile(7, MANY):
        sorts.add(sort)
        assert taken.one(data) >= 1 or sort in WHOLE, sort
    assert sorts == set(HOSTILE)
    assert len(taken.refused) >= 5 and len(taken.set_aside) >= 20
    for why in (*taken.refused, *taken.set_aside):  # no reason repeats what was sent
        assert (why.isascii() and why.isprintable()) or "…" in why


def test_what_was_taken_of_them_makes_indicators(taken: Taken) -> None:
    assert taken.taken > 100 and taken.believed() > 50


def test_the_same_seed_is_the_same_bundles() -> None:
    assert list(hostile(3, 40)) == list(hostile(3, 40))
