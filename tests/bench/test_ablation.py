"""Ablation: a log without a group of columns is a log without them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.ablation import TAKEN, _table, _without
from stillwatch import tables
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    make(out, load("quiet-2026-07", 0, []), scale=0.0005, seed=1, workers=1)
    return out / "log"


def read(log: Path) -> dict[str, object]:
    return {name: pq.read_table(log / name) for name in ("exchanges", "accounts.parquet")}


@pytest.mark.parametrize("taken", [name for name in TAKEN if name != "nothing"])
def test_a_log_without_a_group_of_columns(log: Path, tmp_path: Path, taken: str) -> None:
    _without(log, tmp_path / "less", *TAKEN[taken])
    whole, less = read(log), read(tmp_path / "less")
    for name, left_out in zip(whole, TAKEN[taken], strict=True):
        assert less[name].num_rows == whole[name].num_rows  # type: ignore[attr-defined]
        gone = set(whole[name].column_names) - set(less[name].column_names)  # type: ignore[attr-defined]
        assert gone <= set(left_out) and (gone or not left_out or "prompt" in left_out)
    if "prompt" in TAKEN[taken][0]:
        prompts = less["exchanges"]["prompt"].to_pylist()  # type: ignore[index]
        assert len(set(prompts)) == len(prompts), "each text is its own"
    assert (tmp_path / "less/releases.parquet").exists()


def test_only_columns_of_the_log_are_named() -> None:
    known = {*tables.LOG_EXCHANGES.names, *tables.LOG_ACCOUNTS.names}
    assert all(set(exchanges) | set(accounts) <= known for exchanges, accounts in TAKEN.values())


def test_false_accusations_stand_beside_the_recall() -> None:
    rows = [{"world": "w@0", "without": name, "recall": 0.5, "accused": 2 if name == "text" else 0} for name in TAKEN]
    told = _table(rows).splitlines()
    assert told[0] == "| without | w@0 |" and "| nothing | 0.500 |" in told and "| text | 0.500 (2) |" in told
