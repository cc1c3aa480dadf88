"""A run that is killed: the same command goes on where it stopped, and answers as if nothing had happened."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import begun
import pyarrow.parquet as pq
import pytest
from listening import Listener

from stillwatch.config import Config, Engine, Spark
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.run import Place, scan
from stillwatch.run.ledger import LEDGER, run_id

KILLED = """
import os, signal, sys
from pathlib import Path
from stillwatch.config import Config
from stillwatch.run import Place, scan
from stillwatch.run.progress import Silent

class Killer(Silent):
    def begins(self, doing, total):
        if doing == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGKILL)

scan(Place(Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])), Config(), Killer())
"""


@pytest.fixture(scope="module")
def whole(ring: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    """A log with two bad rows, its key, and what an uninterrupted run does; the result is in `whole`."""
    folder = tmp_path_factory.mktemp("resume")
    shutil.copytree(ring.log, folder / "log")
    bad = [{"exchange_id": f"bad{n}", "account_id": "a", "timestamp": "no time", "prompt": "x"} for n in range(2)]
    (folder / "log/exchanges/zz.jsonl").write_text("\n".join(json.dumps(row) for row in bad) + "\n")
    listener = Listener()
    scan(Place(folder / "log", folder / "whole", folder / "key"), Config(), listener)
    return folder / "log", folder / "key", listener.begun


def killed(at: str, log: Path, out: Path, key: Path) -> None:
    done = begun.run(begun.WATCH, [sys.executable, "-c", KILLED, at, log, out, key])
    assert done.returncode == -signal.SIGKILL and (out / "tables" / LEDGER).exists()


@pytest.mark.parametrize("at", ["sample texts", "recognise templates", "judge clusters"])
def test_a_killed_run_goes_on(whole: tuple[Path, Path, list[str]], tmp_path: Path, at: str) -> None:
    log, key, every = whole
    killed(at, log, tmp_path / "out", key)
    (tmp_path / "out/tables/.spill").mkdir(exist_ok=True)
    (tmp_path / "out/tables/.spill/duckdb_temp_storage.tmp").write_bytes(b"x")
    (tmp_path / "out/tables/links.partial").write_bytes(b"half")
    listener = Listener()
    outcome = scan(Place(log, tmp_path / "out", key), Config(), listener)
    assert listener.begun == ["read accounts", *every[every.index(at) :]], (
        "accounts are read anew: the log is its files"
    )
    assert outcome.rejected == 2 and [row["stage"] for row in outcome.stages][-1] == "campaigns"
    assert answer(tmp_path / "out") == answer(log.parent / "whole")
    rejected = (tmp_path / "out/rejected.jsonl").read_text()
    assert rejected == (log.parent / "whole/rejected.jsonl").read_text() and rejected.count("\n") == 2
    left = {path.name for path in (tmp_path / "out/tables").iterdir()}
    assert left == {path.name for path in (log.parent / "whole/tables").iterdir()} and LEDGER not in left


def answer(out: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    accounts = pq.read_table(out / "accounts.parquet", columns=["account_id", "campaign_id", "verdict", "role"])
    exchanges = pq.read_table(out / "exchanges.parquet", columns=["exchange_id", "campaign_id", "template_id"])
    return accounts.to_pylist(), exchanges.sort_by("exchange_id").to_pylist()


def test_nothing_is_taken_over_when_the_log_has_changed(whole: tuple[Path, Path, list[str]], tmp_path: Path) -> None:
    log, key, every = whole
    shutil.copytree(log, tmp_path / "log")
    killed("judge clusters", tmp_path / "log", tmp_path / "out", key)
    with (tmp_path / "log/exchanges/zz.jsonl").open("a") as file:
        file.write('{"exchange_id": "bad3", "account_id": "a", "timestamp": "no time", "prompt": "x"}\n')
    listener = Listener()
    outcome = scan(Place(tmp_path / "log", tmp_path / "out", key), Config(), listener)
    assert listener.begun == every and outcome.rejected == 3


def test_a_run_is_the_same_only_if_all_that_decides_it_is(tmp_path: Path) -> None:
    for name in ("log", "networks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
    keys, noon = Pseudonyms(b"k" * 32), datetime(2026, 2, 1, 12, tzinfo=UTC)
    place = Place(tmp_path / "log", tmp_path / "out", networks=tmp_path / "networks", as_of=noon)
    given: dict[str, Any] = {
        "command": "scan", "place": place, "source": "", "keys": keys, "config": Config(),
    }  # fmt: skip
    others: list[dict[str, Any]] = [
        {"command": "link"},
        *(
            {"place": replace(place, **one)}
            for one in (
                {"log": tmp_path / "networks"},
                {"networks": None},
                {"as_of": None},
                {"engine": "spark"},
                {"write_to": "lake.stillwatch"},
            )
        ),
        {"source": "lake.exchanges"},
        {"keys": Pseudonyms(b"o" * 32)},
        {"config": replace(Config(), seed=1)},
    ]
    roomier = replace(Config(), engine=Engine(memory_gib=16.0, threads=8), spark=Spark(max_collected_rows=10**9))
    assert run_id(**given) == run_id(**given) == run_id(**given | {"config": roomier})
    assert len({run_id(**given | other) for other in ({}, *others)}) == len(others) + 1
