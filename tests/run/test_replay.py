"""A replay: each look answers as a scan that reads nothing later, and a replay that is killed goes on."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import begun
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from listening import Listener
from stories import START

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.errors import NothingToRead
from stillwatch.evidence import Report
from stillwatch.run import Outcome, Place, replay, scan
from stillwatch.run.ledger import LEDGER

EVERY = timedelta(days=4)
INSTANT_BEFORE = timedelta(microseconds=1)

KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from stillwatch.config import Config
from stillwatch.run import Place, replay
from stillwatch.run.progress import Silent

class Killer(Silent):
    def begins(self, doing, total):
        if doing == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGKILL)

replay(Place(Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])), timedelta(days=4), Config(), Killer())
"""


@pytest.fixture(scope="module")
def replayed(ring: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The log of the ring, its rows in no order and one of them broken; replayed into `out`."""
    folder = tmp_path_factory.mktemp("replay")
    shutil.copytree(ring.log, folder / "log")
    for path in (folder / "log/exchanges").iterdir():
        rows = pq.read_table(path)
        pq.write_table(rows.sort_by("exchange_id"), path)
    (folder / "log/exchanges/zz.jsonl").write_text('{"exchange_id": "bad"}\n')
    return folder, replay(Place(folder / "log", folder / "out", folder / "key"), EVERY, Config())


def accused(path: Path) -> dict[str, float]:
    rows = pq.read_table(path).to_pylist()
    return {row["account_id"]: round(row["score"], 9) for row in rows if row["campaign_id"]}


def looks(out: Path) -> list[datetime]:
    return sorted(set(pq.read_table(out / "replay.parquet")["at"].to_pylist()))


def second_look(folder: Path) -> str:
    """What is done at it."""
    return f"look as of {looks(folder / 'out')[1]:%Y-%m-%d %H:%M}"


def test_a_look_finds_what_a_scan_finds_that_reads_nothing_later(
    replayed: tuple[Path, Outcome], tmp_path: Path
) -> None:
    folder, _ = replayed
    taken = pq.read_table(folder / "out/replay.parquet")
    assert taken.schema.equals(tables.RESULT_REPLAY.schema)
    times = looks(folder / "out")
    assert len(times) >= 3 and all((at - datetime(1970, 1, 1, tzinfo=UTC)) % EVERY == timedelta() for at in times)
    for at in (times[0], times[-1]):
        place = Place(folder / "log", tmp_path / f"{at:%d}", folder / "key", as_of=at - INSTANT_BEFORE)
        scan(place, Config())
        found = taken.filter(pc.equal(taken["at"], pa.scalar(at, tables.INSTANT))).to_pylist()
        assert {row["account_id"]: round(row["score"], 9) for row in found} == accused(place.out / "accounts.parquet")
        standing = {row["account_id"]: row for row in pq.read_table(place.out / "accounts.parquet").to_pylist()}
        assert all(row["role"] == standing[row["account_id"]]["role"] for row in found)
        watched = pq.read_table(folder / "out/watched.parquet", filters=[("at", "=", pa.scalar(at, tables.INSTANT))])
        assert set(watched["account_id"].to_pylist()) == {
            account for account, row in standing.items() if row["verdict"] == "watch"
        }


def told(own: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Templates without what two results differ in: when they looked, and the name of their campaign."""
    return [(row["template_id"], row["shingles"], row["usual_shingles"], row["campaign_id"] is None) for row in own]


def test_each_look_says_whose_templates_it_found(replayed: tuple[Path, Outcome], ring: Any) -> None:
    folder, outcome = replayed
    rows = pq.read_table(folder / "out/templates.parquet").to_pylist()
    (campaign,) = outcome.report.campaigns
    assert {row["at"] for row in rows} == set(looks(folder / "out"))
    assert {row["campaign_id"] for row in rows} == {campaign.campaign_id, None}
    last = [row for row in rows if row["at"] == looks(folder / "out")[-1]]
    assert told(last) == told(pq.read_table(ring.out / "templates.parquet").to_pylist())


def test_the_result_is_that_of_a_scan_but_for_when_it_was_found(
    replayed: tuple[Path, Outcome], ring: Any, tmp_path: Path
) -> None:
    folder, outcome = replayed
    assert outcome.rejected == 1 and accused(folder / "out/accounts.parquet") == accused(ring.out / "accounts.parquet")
    once = pq.read_table(ring.out / "exchanges.parquet")["exchange_id"].to_pylist()
    assert sorted(pq.read_table(folder / "out/exchanges.parquet")["exchange_id"].to_pylist()) == sorted(once)
    assert {path.name for path in (folder / "out/tables").iterdir()} == {
        path.name for path in (ring.out / "tables").iterdir()
    }


def test_what_was_harvested_before_is_counted(replayed: tuple[Path, Outcome]) -> None:
    folder, outcome = replayed
    (campaign,) = outcome.report.campaigns
    detection = campaign.detection
    assert detection is not None
    at = datetime.fromisoformat(campaign.detected_at)
    assert at == looks(folder / "out")[0] and at > START
    first = [row for row in pq.read_table(folder / "out/replay.parquet").to_pylist() if row["at"] == at]
    assert detection.accounts_then == sum(row["campaign_id"] == campaign.campaign_id for row in first)
    harvest = pq.read_table(folder / "out/tables/harvest.parquet").to_pylist()
    before = sum(row["timestamp"] < at for row in harvest)
    assert 0 < detection.harvested_before == before < campaign.harvested_exchanges
    assert before <= detection.harvested_unseen < campaign.harvested_exchanges
    assert detection.events[0]["what"] == "found"
    saved = Report.from_dict(json.loads((folder / "out/campaigns.json").read_bytes()))
    assert saved.campaigns[0].detection == detection
    assert "over by then" in (folder / "out/report.html").read_text()


@pytest.mark.parametrize("at", ["read the log", "look", "write the result"])
def test_a_killed_replay_goes_on(replayed: tuple[Path, Outcome], tmp_path: Path, at: str) -> None:
    folder, whole = replayed
    log, out = folder / "log", tmp_path / "out"
    at = second_look(folder) if at == "look" else at
    done = begun.run(begun.WATCH, [sys.executable, "-c", KILLED, at, log, out, folder / "key"])
    assert done.returncode == -signal.SIGKILL and (out / "tables" / LEDGER).exists() == (at != "read the log")
    listener = Listener()
    outcome = replay(Place(log, out, folder / "key"), EVERY, Config(), listener)
    assert listener.begun[0] == at, "what was finished is not done again"
    told = [(one.campaign_id, one.detected_at, one.detection) for one in outcome.report.campaigns]
    assert told == [(one.campaign_id, one.detected_at, one.detection) for one in whole.report.campaigns]
    assert pq.read_table(out / "replay.parquet").equals(pq.read_table(folder / "out/replay.parquet"))


def test_a_scan_after_a_killed_replay_takes_nothing_over(replayed: tuple[Path, Outcome], tmp_path: Path) -> None:
    folder, _ = replayed
    log, out = folder / "log", tmp_path / "out"
    begun.run(begun.WATCH, [sys.executable, "-c", KILLED, second_look(folder), log, out, folder / "key"])
    assert (out / "tables/signals").is_dir()
    scan(Place(log, out, folder / "key"), Config())
    assert accused(out / "accounts.parquet") == accused(folder / "out/accounts.parquet")


def test_a_replay_of_nothing_says_so(ring: Any, tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="no exchange to look at until 2020-01-01"):
        replay(Place(ring.log, tmp_path / "out", as_of=datetime(2020, 1, 1, tzinfo=UTC)), EVERY, Config())
