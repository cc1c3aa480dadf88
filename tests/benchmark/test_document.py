"""Pooling over seeds, where the subject is beaten, the page, and two runs compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.benchmark.cases import places
from stillwatch.benchmark.compare import compare
from stillwatch.benchmark.detectors import STILLWATCH, Detector
from stillwatch.benchmark.document import document
from stillwatch.benchmark.measures.calibration import calibration_counts
from stillwatch.benchmark.measures.threshold import Threshold
from stillwatch.benchmark.page import page
from stillwatch.benchmark.pooled import added, spread
from stillwatch.benchmark.run import Settings
from stillwatch.benchmark.told import apart, decimal
from tests.render.page import Page

HOSTILE = "<script>alert('x')</script>\x1b[31m\u202e"
PEER = Detector("peer", ("peer", "{log}"), about="Another.", source="Somebody 2020", fitted=True)
SETTINGS = Settings(
    Path("out"), [STILLWATCH, PEER], places(["calm", "disclosure", "disclosure@1"]), [11, 12], places(["disclosure"]), [1],
    command=["stillwatch", "bench", "detection", "--out", "out"], made_by={
        "stillwatch": "1", "python": "3", "packages": {}, "commit": "c" * 40, "uncommitted_changes": False,
        "machine": {"system": "Linux", "cores": 2, "memory_gib": 8.0},
    },
)  # fmt: skip


def cell(world: str, detector: str, seed: int, right: int, wrong: int, **more: Any) -> dict[str, Any]:
    """A detector that accused `right` of 200 planted accounts and `wrong` of 1,000 ordinary ones."""
    place = places([world])[0]
    planted = 0 if world == "calm" else 200
    known: dict[str, Any] = {
        "world": place.key,
        "label": place.label,
        "seed": seed,
        "detector": detector,
        "fitting": False,
        "threshold": None,
        "status": "done",
        "problem": None,
        "made_by": SETTINGS.made_by,
        "cost": {"seconds": 10.0 + seed, "peak_bytes": 2**30, "rows": 5_000, "rows_a_second": 500.0},
        "accounts": {
            "planted": planted,
            "ordinary": 1_000,
            "accused": right + wrong,
            "right": right,
            "by_campaign": {"ring": {"accounts": planted, "accused": right}} if planted else {},
            "by_role": {},
            "by_group": {"campus": {"accounts": 1_000, "accused": wrong}},
        },
        "average_precision": right / 200 + seed / 1000 if planted else None,
        "exchanges": None,
        "campaigns": None,
        "conduct": None,
        "calibration": None,
        "delays": None,
    }
    return {**known, **more}


def failed(world: str, detector: str, seed: int, problem: str) -> dict[str, Any]:
    known = cell(world, detector, seed, 0, 0)
    return {name: known[name] for name in ("world", "label", "seed", "detector", "threshold", "made_by")} | {
        "status": "failed", "problem": problem, "fitting": False,
    }  # fmt: skip


def run(right: int = 180, wrong: int = 1) -> dict[str, Any]:
    """Two seeds; stillwatch finds `right` in disclosure, the peer 100 with 30 false accusations, and more on the ladder."""
    scores = calibration_counts(np.array([0.9, 0.1, 0.2]), np.array([True, False, False]))
    cells = []
    for seed in (11, 12):
        cells += [
            cell("calm", "stillwatch", seed, 0, wrong, calibration=scores),
            failed("calm", "peer", seed, HOSTILE),
            cell("disclosure", "stillwatch", seed, right, 0, calibration=scores),
            cell("disclosure", "peer", seed, 100, 30),
            cell("disclosure@1", "stillwatch", seed, 60, 0, calibration=scores),
            cell("disclosure@1", "peer", seed, 100, 30) if seed == 11 else failed("disclosure@1", "peer", seed, "no"),
        ]
    return document(SETTINGS, {"peer": Threshold(0.25, 0.5)}, cells)


@given(st.dictionaries(st.sampled_from("abc"), st.integers()), st.dictionaries(st.sampled_from("abc"), st.integers()))
def test_sums_add_up_and_what_only_one_has_is_kept(one: dict[str, int], other: dict[str, int]) -> None:
    assert added(one, other) == {name: one.get(name, 0) + other.get(name, 0) for name in {*one, *other}}
    assert added({"x": one}, {"x": other})["x"] == added(one, other)


def test_accounts_of_all_seeds_count_the_same() -> None:
    (row,) = [one for one in run()["pooled"] if (one["label"], one["detector"]) == ("disclosure", "stillwatch")]
    assert (row["recall"]["hits"], row["recall"]["of"]) == (360, 400)
    assert row["seconds"]["value"] == 21.5


def test_the_interval_of_a_mean_is_students() -> None:
    """Seeds 1, 2, 3: 2 ± 4.303 · 1 / √3 (Student's table, two degrees of freedom), but not below nought."""
    told = spread([1.0, 2.0, 3.0])
    assert (
        told is not None
        and (told["value"], told["low"]) == (2.0, 0.0)
        and told["high"] == pytest.approx(4.484, abs=1e-3)
    )
    bounded = spread([0.7, 0.9], most=1.0)
    assert bounded is not None and bounded["high"] == 1.0


def test_one_seed_says_nothing_of_the_spread() -> None:
    assert spread([0.5]) == {"value": 0.5, "low": None, "high": None, "seeds": 1}
    assert spread([None, None]) is None


def test_a_failed_seed_is_left_out_and_named() -> None:
    (row,) = [one for one in run()["pooled"] if (one["label"], one["detector"]) == ("disclosure@1", "peer")]
    assert (row["seeds"], row["failed_seeds"], row["recall"]["of"]) == ([11], [12], 200)


def test_where_another_is_better_is_told_with_both_numbers() -> None:
    told = {(one["label"], one["measure"]): one for one in run()["not_better"]}
    assert set(told) == {
        ("disclosure@1", "recall"), ("disclosure@1", "f1"), ("disclosure@1", "average_precision"),
        ("disclosure@1", "seconds"),
    }  # fmt: skip
    recall = told["disclosure@1", "recall"]
    assert (recall["ours"], recall["theirs"], recall["detector"], recall["apart"]) == (0.3, 0.5, "peer", True)


def test_the_page_has_every_world_and_detector_and_needs_nothing_else() -> None:
    made = run()
    html = page(made)
    seen = Page(html)
    assert seen.mismatched == [] and seen.open == []
    for world in made["worlds"]:
        assert seen.text.count(world["label"]) >= 2
    for said in ("stillwatch", "peer", "Where stillwatch is not better", "evasion ladder", "Whether scores are probabilities",
                 "What failed", "campus", "ring", "360 of 400", "stillwatch bench detection --out out", "0.900"):  # fmt: skip
        assert said in seen.text
    assert "script" not in seen.tags and "link" not in seen.tags and "img" not in seen.tags
    assert "://" not in html and "url(" not in html and "@import" not in html
    assert all(one.startswith("#") for one in seen.attributes("href")) and seen.attributes("src") == []
    ids = seen.attributes("id")
    assert len(ids) == len(set(ids))
    assert {one[1:] for one in seen.attributes("href")} <= set(ids)


def test_the_page_shows_what_a_program_said_and_does_not_obey_it() -> None:
    html = page(run())
    assert "<script" not in html and "\x1b" not in html and "\u202e" not in html
    assert "alert" in Page(html).text and "[U+202E]" in html


def test_with_nothing_better_elsewhere_the_page_says_so() -> None:
    made = run()
    assert "Nowhere: in no world" in page({**made, "not_better": []})
    alone = document(SETTINGS, {}, [cell("calm", "stillwatch", 11, 0, 0)])
    alone = {**alone, "detectors": alone["detectors"][:1], "worlds": alone["worlds"][:1]}
    assert "No other detector was measured" in page(alone)


@pytest.mark.parametrize("right, outside, worse", [(120, True, 3), (179, False, 0), (199, True, 0)])
def test_compare_marks_a_real_change_and_not_a_small_one(right: int, outside: bool, worse: int) -> None:
    """From 360 of 400 accounts: 240 is far outside both intervals, 358 well inside, 398 outside and better."""
    changes = compare(run(), run(right))
    (row,) = [
        one for one in changes["rows"]
        if (one["label"], one["detector"], one["measure"]) == ("disclosure", "stillwatch", "recall")
    ]  # fmt: skip
    assert (row["old"], row["new"], row["outside"]) == (0.9, right / 200, outside)
    assert row["better"] is (right > 180)
    assert changes["worse"] == worse, "recall, F1 and average precision"


@pytest.mark.parametrize(
    "one, other, expected",
    [  # value, low, high
        ((0.9, 0.8, 0.95), (0.5, 0.4, 0.6), True),
        ((0.9, 0.8, 0.95), (0.7, 0.1, 0.92), False),  # the old value lies in the new interval alone
        ((0.7, 0.1, 0.92), (0.9, 0.8, 0.95), False),
        ((0.9, None, None), (0.5, 0.4, 0.6), None),
    ],
)
def test_what_is_beyond_both_intervals(one: tuple[float, ...], other: tuple[float, ...], expected: bool | None) -> None:
    names = ("value", "low", "high")
    assert apart(dict(zip(names, one, strict=True)), dict(zip(names, other, strict=True))) is expected


def test_compare_of_the_same_run() -> None:
    changes = compare(run(), run())
    assert all(row["change"] == 0 and row["better"] is None for row in changes["rows"]) and changes["worse"] == 0
    assert changes["settings_differ"] == changes["only_old"] == changes["only_new"] == changes["fails_now"] == []


def test_compare_tells_what_only_one_has_and_what_fails_now() -> None:
    old, new = run(), run()
    new["pooled"] = [one for one in new["pooled"] if one["label"] != "disclosure@1"]
    for one in new["pooled"]:
        if (one["label"], one["detector"]) == ("disclosure", "peer"):
            one["seeds"], one["failed_seeds"] = [], [11, 12]
    new["settings"] = {**new["settings"], "scale": 0.5}
    changes = compare(old, new)
    assert changes["only_old"] == ["disclosure-2026-02@1: stillwatch", "disclosure-2026-02@1: peer"]
    assert changes["fails_now"] == ["disclosure-2026-02: peer"] and changes["worse"] == 1
    assert changes["settings_differ"] == ["scale"]


def test_time_is_never_called_worse() -> None:
    slower = run()
    for one in slower["pooled"]:
        if one["seeds"]:
            one["seconds"] = {"value": 999.0, "low": 998.0, "high": 1_000.0, "seeds": 2}
    assert compare(run(), slower)["worse"] == 0


@pytest.mark.parametrize(
    "value, text", [(1.0, "1.000"), (0.99996, ">0.999"), (0.0001, "<0.001"), (0.0, "0.000"), (0.25, "0.250")]
)
def test_no_share_is_rounded_to_all_or_nothing(value: float, text: str) -> None:
    assert decimal(value) == text
