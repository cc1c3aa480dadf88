"""The whole of it, on worlds of four days: fitting, failure, limit, resume, replay, and what stands in the document."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stillwatch.benchmark import Detector, Settings, benchmark
from stillwatch.benchmark.cases import Place, read_place
from stillwatch.errors import BadConfiguration, StoreLocked

PROGRAM = str(Path(__file__).with_name("a_detector.py"))
SMALL = "same_as: {}-2026-02\ndays: 4\nrelease_day: 2.5\nabout: Four days.\n"


def detector(name: str, *words: str, **settings: Any) -> Detector:
    return Detector(name, ("{python}", PROGRAM, *words), about=f"What {name} does.", **settings)


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Place]:
    folder = tmp_path_factory.mktemp("worlds")
    for name in ("calm", "disclosure"):
        (folder / f"little_{name}.yaml").write_text(SMALL.format(name))
    return {name: read_place(f"{folder}/little_{name}.yaml") for name in ("calm", "disclosure")}


@pytest.fixture(scope="module")
def settings(where: dict[str, Place], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    out = tmp_path_factory.mktemp("out")
    told = ("--told", str(out / "told.txt"))
    return Settings(
        out,
        [
            detector("volume", "volume", "{log}", "{out}", "--benign", "{benign}", *told, fitted=True),
            detector("groups", "groups", "{log}", "{out}", *told, as_of=("--as-of", "{as_of}"), probabilities=True),
            Detector("broken", (sys.executable, "-c", "raise OSError('the disk is made of cheese')")),
            Detector("silent", (sys.executable, "-c", "pass")),
        ],
        list(where.values()),
        [11],
        list(where.values()),
        [1],
        scale=0.0005,
        replay_every=2.0,
        limit=60.0,
        command=["stillwatch", "bench", "detection", "--out", "out"],
    )


@pytest.fixture(scope="module")
def made(settings: Settings) -> dict[str, Any]:
    return benchmark(settings)


def row(made: dict[str, Any], world: str, name: str) -> dict[str, Any]:
    (found,) = [one for one in made["pooled"] if (one["label"], one["detector"]) == (world, name)]
    return dict(found)


def runs(settings: Settings) -> list[str]:
    return (settings.out / "told.txt").read_text().splitlines()


def test_figures_agree_with_the_labels(made: dict[str, Any], settings: Settings) -> None:
    labels = pq.read_table(settings.out / "labels/little_disclosure-seed11/accounts.parquet")
    planted = len(labels) - labels["campaign"].null_count
    found = row(made, "little_disclosure", "groups")
    assert found["recall"]["of"] == planted and 0 < found["recall"]["value"] < 1
    assert found["false_accusations"]["of"] == labels["campaign"].null_count
    assert found["exchanges"]["recall"]["value"] > 0 and found["campaigns"]["whole"]["of"] == 3
    assert found["seconds"]["value"] > 0 and 0.01 < found["peak_gib"]["value"] < 2
    calm = row(made, "little_calm", "groups")
    assert calm["recall"] is None and calm["false_accusations"]["of"] > 0


def test_a_fitted_detector_is_accused_by_its_threshold(made: dict[str, Any], settings: Settings) -> None:
    threshold = made["thresholds"]["volume"]
    assert 0 < threshold["f1"] < 1
    found = row(made, "little_disclosure", "volume")
    assert found["threshold"] == threshold["score"] and found["recall"]["hits"] > 0
    assert found["exchanges"] is None and found["campaigns"] is None and found["conduct"] is None
    fit = json.loads((settings.out / "cells/little_disclosure-seed1/volume.json").read_bytes())
    assert fit["fitting"] and sum(step[1] for step in fit["curve"]) <= fit["planted"]


def test_a_failure_breaks_nothing_and_is_told(made: dict[str, Any]) -> None:
    failed = {(one["detector"], one["label"]): one["problem"] for one in made["failed"]}
    assert len(failed) == 4
    assert "made of cheese" in failed["broken", "little_calm"]
    assert failed["silent", "little_disclosure"] == "it wrote no accounts.parquet"
    assert row(made, "little_calm", "broken")["failed_seeds"] == [11]


def test_replay_runs_as_of_each_step_and_stops_when_all_are_seen(made: dict[str, Any], settings: Settings) -> None:
    told = row(made, "little_disclosure", "groups")["delays"]
    assert set(told["campaigns"]) == set(settings.places[1].load().campaigns) and told["problems"] == []
    for one in told["campaigns"].values():
        (day,) = one["detected_days"]
        assert day in (2.0, 4.0, None) and 0 <= one["harvested_before"] <= one["harvested"]
    as_of = [line.split()[1] for line in runs(settings) if "2026" in line]
    assert as_of[0] == "2026-01-28T00:00:00Z" and len(as_of) == told["steps"]
    assert row(made, "little_disclosure", "volume")["delays"] is None


def test_the_log_is_thrown_away_and_the_answer_stays(made: dict[str, Any], settings: Settings) -> None:
    assert not settings.scratch.exists()
    assert json.loads((settings.out / "detection.json").read_bytes()) == made
    assert "little_disclosure" in (settings.out / "detection.html").read_text()


def test_a_finished_cell_is_not_run_again_and_a_failed_one_is(made: dict[str, Any], settings: Settings) -> None:
    before = len(runs(settings))
    whole = [one for one in settings.detectors if one.name in ("volume", "groups")]
    again = benchmark(replace(settings, detectors=whole))
    assert len(runs(settings)) == before
    assert again["pooled"] == [one for one in made["pooled"] if one["detector"] in ("volume", "groups")]
    mended = Detector("broken", detector("x", "groups", "{log}", "{out}").command)
    now = benchmark(replace(settings, detectors=[mended], places=settings.places[:1]))
    assert now["failed"] == [] and row(now, "little_calm", "broken")["seeds"] == [11]


def test_other_settings_run_it_again(made: dict[str, Any], settings: Settings) -> None:
    before = len(runs(settings))
    groups = [one for one in settings.detectors if one.name == "groups"]
    benchmark(replace(settings, detectors=groups, places=settings.places[:1], scale=0.0006))
    assert len(runs(settings)) == before + 1


def test_detectors_with_one_command_share_a_run(where: dict[str, Place], tmp_path: Path) -> None:
    words = ("groups", "{log}", "{out}", "--told", str(tmp_path / "told.txt"))
    two = [
        detector("one", *words),
        detector("other", *words),
        detector("third", *words, "--as-of", "2026-01-27T00:00:00Z"),
    ]
    made = benchmark(Settings(tmp_path, two, [where["disclosure"]], [11, 12], scale=0.0005))
    assert len((tmp_path / "told.txt").read_text().splitlines()) == 2 * 2
    assert row(made, "little_disclosure", "one")["recall"] == row(made, "little_disclosure", "other")["recall"]
    assert row(made, "little_disclosure", "one")["exchanges"] != row(made, "little_disclosure", "third")["exchanges"]


def test_over_the_limit_is_a_failure_that_is_not_tried_again(where: dict[str, Place], tmp_path: Path) -> None:
    slow = Settings(tmp_path, [Detector("slow", ("sleep", "60"))], [where["calm"]], [11], scale=0.0005, limit=0.3)
    (failed,) = benchmark(slow)["failed"]
    assert failed["status"] == "over_limit"
    at = (tmp_path / "cells/little_calm-seed11/slow.json").stat().st_mtime_ns
    benchmark(slow)
    assert (tmp_path / "cells/little_calm-seed11/slow.json").stat().st_mtime_ns == at


@pytest.mark.parametrize(
    "detectors, what",
    [
        ([detector("v", "volume", "{log}", "{out}", fitted=True)], "no threshold can be fitted for v"),
        ([detector("b", "volume", "{log}", "{out}", "--benign", "{benign}")], "b reads an honest log"),
    ],
)
def test_what_could_never_work_is_said_at_once(
    where: dict[str, Place], tmp_path: Path, detectors: list[Detector], what: str
) -> None:
    with pytest.raises(BadConfiguration) as told:
        benchmark(Settings(tmp_path, detectors, [where["calm"]], [11]))
    assert what in told.value.what and told.value.where and told.value.allowed and told.value.next_step


def test_one_run_a_folder(where: dict[str, Place], tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(StoreLocked, match="another run"):
            benchmark(Settings(tmp_path, [Detector("x", ("true",))], [where["calm"]], [11]))
