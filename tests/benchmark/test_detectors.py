"""The file of detectors: what may stand in it, and what is said of what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillwatch.benchmark.detectors import STILLWATCH, read_detectors
from stillwatch.errors import BadConfiguration


def written(folder: Path, text: str) -> Path:
    (folder / "detectors.yaml").write_text(text)
    return folder / "detectors.yaml"


def test_one_entry_each(tmp_path: Path) -> None:
    first, second = read_detectors(
        written(
            tmp_path,
            "stillwatch: {command: ['{bin}/stillwatch', scan, '{log}', --out, '{out}'], probabilities: true}\n"
            "mine: {about: A, source: B, command: ['{python}', m.py, '{log}', '{out}', '{benign}'], fitted: true,"
            " as_of: [--until, '{as_of}']}\n",
        )
    )
    assert (first.exit_codes, first.probabilities, first.fitted) == ((0, 1, 13), True, False)
    assert (second.exit_codes, second.fitted, second.needs_benign) == ((0,), True, True)
    values = {"python": "P", "log": "L", "out": "O", "benign": "B"}
    assert second.filled(values) == ["P", "m.py", "L", "O", "B"]
    assert second.filled(values, "T") == ["P", "m.py", "L", "O", "B", "--until", "T"]


def test_only_some(tmp_path: Path) -> None:
    file = written(tmp_path, "a: {command: [x]}\nb: {command: [y]}\n")
    assert [one.name for one in read_detectors(file, ["b"])] == ["b"]
    with pytest.raises(BadConfiguration, match="no detector called 'c'") as told:
        read_detectors(file, ["c"])
    assert told.value.allowed == "a, b" and str(file) in told.value.where


def test_without_a_file_stillwatch_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_detectors(None) == [STILLWATCH]


@pytest.mark.parametrize(
    "text, what",
    [
        ("a: [", "cannot be read"),
        ("", "no detector"),
        ("a: {about: x}", "no command"),
        ("a: {command: []}", "no command"),
        ("a: {command: python}", "command is 'python'"),
        ("a: {command: [1]}", "command is [1]"),
        ("a: {command: [x], treshold: 1}", "unknown setting 'treshold'"),
        ("a: {command: [x], fitted: 'yes'}", "fitted is 'yes'"),
        ("a: {command: [x], exit_codes: 0}", "exit_codes is 0"),
        ("a: {command: ['{lgo}']}", "unknown placeholder ['lgo']"),
        ("a/b: {command: [x]}", "'a/b'"),
        ("..: {command: [x]}", "'..'"),
    ],
)
def test_an_error_says_what_where_allowed_next(tmp_path: Path, text: str, what: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(BadConfiguration) as told:
        read_detectors(file)
    assert what in told.value.what
    assert str(file) in told.value.where and told.value.allowed and told.value.next_step


def test_the_file_of_this_repository_can_be_read() -> None:
    file = Path(__file__).parents[2] / "bench" / "detectors.yaml"
    if file.exists():
        assert "stillwatch" in [one.name for one in read_detectors(file)]
