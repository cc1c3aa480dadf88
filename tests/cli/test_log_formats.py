"""Every sample through the command: what it counts, and the two options that say what a log is."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from shape_rows import SAMPLED, put

from stillwatch.cli import main

# Samples of one set of calls written in two forms have the same ids: each form is scanned in a log of its own.
AGAIN = ("litellm-spend.jsonl", "vllm-0.33.log")
FIRST = [one for one in SAMPLED if one not in AGAIN]


def scan(log: Path, out: Path, *more: str) -> tuple[int, dict[str, Any], str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.setattr(sys, "argv", ["stillwatch", "scan", str(log), "--out", str(out), "--json", "--quiet", *more])
        with pytest.raises(SystemExit) as ended:
            main()
            raise SystemExit(0)
    return int(ended.value.code or 0), json.loads(stdout.getvalue() or "{}"), stderr.getvalue()


def folder(log: Path, samples: list[str] | tuple[str, ...]) -> Path:
    for one in samples:
        put(one, log)
    return log


@pytest.mark.parametrize(("samples", "exchanges", "accounts", "others"), [(FIRST, 31, 7, 20), (AGAIN, 5, 5, 3)])
def test_samples_of_all_formats_are_one_log(
    tmp_path: Path, samples: list[str], exchanges: int, accounts: int, others: int
) -> None:
    code, document, said = scan(folder(tmp_path / "log", samples), tmp_path / "out")
    totals = document["totals"]
    assert (code, said) == (0, "")
    assert (totals["exchanges"], totals["accounts"], totals["rejected"]) == (exchanges, accounts, 0)
    assert sum(totals["passed_over"].values()) == others
    told = "".join(
        one.read_text() for one in (tmp_path / "out").glob("*.*") if one.suffix in (".json", ".jsonl", ".html")
    )
    assert "203.0.113" not in told


def test_a_gateways_log_says_that_it_has_no_prompts(tmp_path: Path) -> None:
    code, document, _ = scan(folder(tmp_path / "log", ["envoy.log"]), tmp_path / "out")
    assert code == 0 and document["totals"]["exchanges"] == 2
    assert any(one.startswith("No prompt: nothing of what was asked") for one in document["weaknesses"])


def test_any_other_log_is_mapped(tmp_path: Path) -> None:
    (tmp_path / "log/exchanges").mkdir(parents=True)
    records = [
        {"ref": f"r{n}", "who": {"id": "a"}, "at": 1_771_923_600 + n, "said": "How do I bake bread?"} for n in (1, 2)
    ]
    (tmp_path / "log/exchanges/own.log").write_text(
        "".join(json.dumps(one) + "\n" for one in [*records, {"ref": "r3"}])
    )
    (tmp_path / "map.toml").write_text('exchange_id = "ref"\ntimestamp = "at@s"\n')
    maps = ("--map", str(tmp_path / "map.toml"), "--map", "account_id=who.id", "--map", "prompt=said")
    code, document, said = scan(tmp_path / "log", tmp_path / "out", *maps)
    assert (code, document["totals"]["exchanges"], document["totals"]["rejected"]) == (13, 2, 1)
    code, document, said = scan(tmp_path / "log", tmp_path / "out", *maps, "--map", "account_id=who.name")
    assert (code, document) == (12, {}) and "the path of account_id leads to nothing" in said


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (("--log-format", "litelm"), 12, "there is no log format called 'litelm'"),
        (("--log-format", "vllm"), 11, "no record is an exchange: 5 lines of another kind"),
        (("--map", "acount_id=x"), 12, "exchanges have no column 'acount_id'"),
        (("--map", "no-such-file.toml"), 12, "mapping not readable"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, given: tuple[str, ...], code: int, says: str) -> None:
    ended, document, said = scan(folder(tmp_path / "log", ["litellm.jsonl"]), tmp_path / "out", *given)
    assert (ended, document) == (code, {}) and says in said and "BUG" not in said
