"""`stillwatch bench` as a person and a script use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from .test_document import run as made

Run = Callable[..., tuple[int, str, str]]
DETECTOR = Path(__file__).with_name("a_detector.py")


@pytest.fixture
def bench(stillwatch: Run) -> Run:
    """Run a bench in this process: exit code, stdout, stderr."""
    return partial(stillwatch, "bench")


def test_detection_on_a_real_world(bench: Run, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(f"groups: {{command: ['{{python}}', {DETECTOR}, groups, '{{log}}', '{{out}}']}}\n")
    code, out, err = bench(
        "detection", "--out", tmp_path / "out", "--worlds", "calm", "--seeds", 11, "--scale", 0.0005,
        "--detectors", tmp_path / "d.yaml", "--json",
    )  # fmt: skip
    document = json.loads(out)
    assert code == 0 and [one["label"] for one in document["worlds"]] == ["calm"]
    assert document["settings"]["command"][:3] == ["stillwatch", "bench", "detection"]
    assert "calm, seed 11: groups" in err, "progress goes to stderr"
    code, out, _ = bench(
        "detection", "-o", tmp_path / "out", "--worlds", "calm", "--seeds", 11, "--scale", 0.0005,
        "--detectors", tmp_path / "d.yaml", "-q",
    )  # fmt: skip
    assert code == 0 and "groups" in out and "detection.html" in out.replace("\n", "")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--seeds", "1", "2", "--fit-seeds", "2"], ["seed 2", "--seeds and --fit-seeds", "overlap", "--fit-seeds 3"]),
        (["--worlds", "calm", "nowhere"], ["nowhere", "calm-2026-02", "stillwatch worlds list"]),
        (["--only", "stillwatch", "nobody"], ["nobody", "stillwatch"]),
        (["--detectors", "no/such.yaml"], ["no/such.yaml", "docs/benchmark.md"]),
    ],
)
def test_bad_configuration_is_12(bench: Run, tmp_path: Path, arguments: list[str], said: list[str]) -> None:
    code, out, err = bench("detection", "--out", tmp_path / "out", *arguments)
    assert (code, out) == (12, "") and err.startswith("error: ")
    assert [one for one in said if one not in err] == []


@pytest.mark.parametrize(
    "arguments", [["--worlds"], ["--seeds", "--json"], ["--seeds", "one"], ["calm"], ["--limit", "0"]]
)
def test_usage_is_2(bench: Run, tmp_path: Path, arguments: list[str]) -> None:
    code, out, err = bench("detection", "--out", tmp_path / "out", *arguments)
    assert (code, out) == (2, "") and err


def test_compare(bench: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(made()))
    new.write_text(json.dumps(made(120)))
    code, out, _ = bench("compare", old, new)
    assert code == 0 and "recall" in out and "beyond both intervals" in out.replace("\n", "")
    assert bench("compare", old, new, "--fail-on-worse")[0] == 1
    assert bench("compare", new, old, "--fail-on-worse")[0] == 0, "better is not worse"
    code, out, _ = bench("compare", old, old, "--json")
    assert code == 0 and json.loads(out)["worse"] == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 9, "pooled": []}'])
def test_compare_of_something_else_is_12(bench: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    code, out, err = bench("compare", tmp_path / "x.json", tmp_path / "x.json")
    assert (code, out) == (12, "") and "x.json" in err and "stillwatch bench detection" in err
