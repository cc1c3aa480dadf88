"""Seals and plans are promised once and in order; one text can be shown to be sealed, and nothing passes that was not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.prove import seals, tree
from stillwatch.prove.served import Served

SECRET = bytes(range(32))
TEXTS = [Served(f"x-{one}", "2026-11-01", (("user", f"question {one}"),), f"answer {one}", "") for one in range(5)]


def grown(texts: list[Served] = TEXTS, secret: bytes = SECRET) -> tree.Growing:
    growing = tree.Growing()
    for one in texts:
        growing.add(seals.leaf(secret, one))
    return growing


def test_promises_stand_in_order_and_once(tmp_path: Path) -> None:
    path = tmp_path / "seals.jsonl"
    first = seals.seal(path, grown(), 2, 100.0)
    plan = seals.promise(path, b"{}", 200.0)
    assert seals.seal(path, grown(), 2, 300.0) == first, "a promise that stands is not made again"
    assert seals.read(path) == (first, plan) and first.texts == 5


@pytest.mark.parametrize(
    "changed",
    [TEXTS[:-1], TEXTS[::-1], [replace(TEXTS[0], answer="other"), *TEXTS[1:]], [replace(TEXTS[0], commitment="c"), *TEXTS[1:]]],
)  # fmt: skip
def test_other_texts_have_another_root(tmp_path: Path, changed: list[Served]) -> None:
    path = tmp_path / "seals.jsonl"
    assert seals.seal(path, grown(), 0, 1.0).what != seals.seal(path, grown(changed), 0, 1.0).what


def test_equal_texts_have_other_leaves_with_another_secret() -> None:
    assert not {seals.leaf(SECRET, one) for one in TEXTS} & {seals.leaf(bytes(32), one) for one in TEXTS}


@pytest.mark.parametrize("place", range(5))
def test_one_text_is_shown_without_the_others(place: int) -> None:
    (one,) = seals.show(SECRET, TEXTS, frozenset({f"x-{place}"}))
    line = seals.shown_line(one)
    assert seals.shown(orjson.loads(line)).holds()
    assert all(f"answer {other}".encode() not in line for other in range(5) if other != place)


@pytest.mark.parametrize(
    "changed",
    [
        {"written": TEXTS[1].written()},
        {"nonce": "00" * 32},
        {"place": 3},
        {"size": 4},
        {"root": "00" * 32},
        {"along": ()},
    ],
)
def test_nothing_else_passes_for_it(changed: dict[str, object]) -> None:
    (one,) = seals.show(SECRET, TEXTS, frozenset({"x-2"}))
    assert one.holds() and not replace(one, **changed).holds()  # type: ignore[arg-type]


def test_a_promise_that_was_changed_is_found(tmp_path: Path) -> None:
    path = tmp_path / "seals.jsonl"
    seals.seal(path, grown(), 0, 1.0)
    seals.promise(path, b"{}", 2.0)
    path.write_bytes(path.read_bytes().replace(b'"texts":5', b'"texts":6'))
    with pytest.raises(BadConfiguration, match="line 2"):
        seals.read(path)
