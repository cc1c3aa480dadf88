"""`stillwatch bench distill` in seconds, with models that have learned next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillwatch.laboratory.pictures import FILES
from stillwatch.laboratory.plan import SIZES, lessons

Run = Callable[..., tuple[int, str, str]]
TINY = ("bench", "distill", "--size", "tiny", "--workers", 1, "--json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A run, in a process of its own."""
    out = tmp_path_factory.mktemp("tiny")
    command = ["-m", "stillwatch", *map(str, (*TINY, "--out", out, "-q"))]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    return out, json.loads(done.stdout)


def test_all_students_are_there_and_what_was_written_is_what_was_said(made: tuple[Path, dict[str, Any]]) -> None:
    out, document = made
    assert json.loads((out / "distill.json").read_text()) == document
    assert [one["name"] for one in document["students"]] == [one.name for one in lessons(SIZES["tiny"])]
    assert [row["safeguard"] for row in document["safeguards"]] == [
        "none", "omitted", "summary", "reordered", "watermark, window 1", "steered", "hot",
    ]  # fmt: skip
    assert [row["safeguard"] for row in document["safeguards"] if row["laboratory_only"]] == ["steered", "hot"]
    assert {path.name for path in out.iterdir()} == {"distill.json", "distill.md", *FILES}


def test_every_student_costs_the_same(made: tuple[Path, dict[str, Any]]) -> None:
    size, longest = SIZES["tiny"], SIZES["tiny"].longest
    billed = {one["name"]: one["billed"] for one in made[1]["students"]}
    assert [name for name, tokens in billed.items() if not size.budget - longest < tokens <= size.budget] == []
    row = {one["safeguard"]: one for one in made[1]["safeguards"]}
    assert row["omitted"]["shown"][0] < row["none"]["shown"][0]


def test_answers_that_are_not_touched_are_as_good(made: tuple[Path, dict[str, Any]]) -> None:
    row = {one["safeguard"]: one for one in made[1]["safeguards"]}
    for name in ("omitted", "summary", "reordered"):
        assert row[name]["answers"] == row["none"]["answers"] and row[name]["honest_loss"]["value"] == 0


def test_the_same_seed_gives_the_same_numbers_and_pictures(
    made: tuple[Path, dict[str, Any]], stillwatch: Run, tmp_path: Path
) -> None:
    code, said, err = stillwatch(*TINY, "--out", tmp_path)
    assert code == 0 and "students" in err
    again = json.loads(said)
    for name in made[1].keys() - {"seconds", "settings"}:
        assert again[name] == made[1][name], name
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (made[0] / name).read_bytes(), name


def test_without_torch_it_is_said_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['torch'] = None; from stillwatch.cli import main; main()"
    command = [sys.executable, "-c", code, "bench", "distill", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (14, "")
    assert done.stderr == (Path(__file__).parents[1] / "errors/laboratory_extra_missing.txt").read_text()


@pytest.mark.parametrize("option, value, said", [("--size", "huge", "medium"), ("--device", "abacus", "cuda")])
def test_what_there_is_not_is_12(stillwatch: Run, tmp_path: Path, option: str, value: str, said: str) -> None:
    code, out, err = stillwatch("bench", "distill", "--out", tmp_path / "out", option, value)
    assert (code, out) == (12, "") and said in err and not (tmp_path / "out").exists()
