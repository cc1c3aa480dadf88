"""A watch: rows that come in any pieces and order, a process killed anywhere; the answer is that of one scan."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import begun
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import killed_at
from stillwatch import tables
from stillwatch.config import Config, Watch
from stillwatch.errors import BadConfiguration, NothingToRead, StoreLocked
from stillwatch.evidence import Report
from stillwatch.run import Place, scan
from stillwatch.run.locked import locked
from stillwatch.run.watching import Asked, watch
from stillwatch.run.watching.state import State

NOW, DAY = killed_at.NOW, timedelta(days=1)
SMALL = replace(Config(), watch=Watch(batch_mib=1))
TABLES = ("account_hours", "account_prompts", "accounts", "links", "clusters", "reasons", "harvest", "members")


def test_the_state_of_an_older_program_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"version": 1, "segments": ["of-version-1.parquet"], "present": []}')
    with pytest.raises(BadConfiguration, match="state of version 1"):
        State(tmp_path)


@pytest.fixture(scope="module")
def whole(ring: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ring's log and a scan of it as of NOW; its key is in `key`."""
    folder = tmp_path_factory.mktemp("whole")
    scan(Place(ring.log, folder / "out", folder / "key", as_of=NOW), Config())
    shutil.copytree(ring.log, folder / "log")
    return folder


class Feed:
    """A log folder that grows: side tables from the start, exchanges in pieces."""

    def __init__(self, log: Path, folder: Path, pieces: int, seed: int) -> None:
        self.folder = folder
        self.rows = pa.concat_tables([pq.read_table(path) for path in sorted((log / "exchanges").iterdir())])
        self.order = np.array_split(np.random.default_rng(seed).permutation(len(self.rows)), pieces)
        (folder / "exchanges").mkdir(parents=True)
        for path in log.iterdir():
            if path.is_file():
                shutil.copy(path, folder)

    def parquet(self, piece: int) -> None:
        draft = self.folder / f"exchanges/.{piece}"
        pq.write_table(self.rows.take(pa.array(self.order[piece])), draft)
        draft.rename(self.folder / f"exchanges/day{piece}.parquet")

    def lines(self, piece: int, cut: int = 0) -> None:
        """Appended to one file; `cut` bytes of the last line come later, with `rest`."""
        rows = self.rows.take(pa.array(self.order[piece])).to_pylist()
        text = "".join(json.dumps(row, default=datetime.isoformat) + "\n" for row in rows)
        self.left = text[len(text) - cut :]
        with (self.folder / "exchanges/live.jsonl").open("a") as file:
            file.write(text[: len(text) - cut])

    def rest(self) -> None:
        with (self.folder / "exchanges/live.jsonl").open("a") as file:
            file.write(self.left)


def asked(source: Path, state: Path, key: Path, **changes: Any) -> Asked:
    return replace(Asked(source, state, DAY, 3650 * DAY, key, once=True, clock=lambda: NOW), **changes)


def looked(*arguments: Any, config: Config = SMALL, **changes: Any) -> Report | None:
    reports = list(watch(asked(*arguments, **changes), config))
    return reports[-1] if reports else None


def same(out: Path, expected: Path, named: bool = True) -> None:
    """Result and tables, row by row, in any order; not `named`: a campaign keeps the name that an earlier look gave it."""
    for name in (
        "accounts.parquet",
        "exchanges.parquet",
        "links.parquet",
        *(f"tables/{one}.parquet" for one in TABLES),
    ):
        found, wanted = pq.read_table(out / name), pq.read_table(expected / name)
        assert found.schema.equals(wanted.schema)
        if not named:
            found, wanted = _by_first_account(found), _by_first_account(wanted)
        assert killed_at.told(found) == killed_at.told(wanted), name


def _by_first_account(rows: pa.Table) -> pa.Table:
    """Campaigns named by the first of their accounts."""
    if "campaign_id" not in rows.column_names:
        return rows
    accounts: dict[str | None, str] = {}
    for campaign, account in zip(rows["campaign_id"].to_pylist(), rows["account_id"].to_pylist(), strict=True):
        accounts[campaign] = min(account, accounts.get(campaign, account))
    place = rows.schema.get_field_index("campaign_id")
    names = [one and accounts[one] for one in rows["campaign_id"].to_pylist()]
    return rows.set_column(place, rows.schema.field(place), pa.array(names, pa.string()))


def test_pieces_in_any_order_give_what_a_scan_gives(whole: Path, tmp_path: Path) -> None:
    feed = Feed(whole / "log", tmp_path / "log", 5, seed=1)
    state = (tmp_path / "log", tmp_path / "state", whole / "key")
    feed.lines(0, cut=30)
    feed.parquet(1)
    times = iter([NOW - 3 * DAY, *[NOW] * 1000])
    first = next(watch(asked(*state, once=False, clock=lambda: next(times)), SMALL))
    assert first.totals["exchanges"] < len(feed.rows)
    feed.rest()
    feed.lines(2)
    feed.parquet(3)
    feed.lines(4)
    last = looked(*state)
    assert last is not None and last.totals["exchanges"] == len(feed.rows) and last.totals["rejected"] == 0
    same(tmp_path / "state/result", whole / "out")
    shown = {one.template_id: one.skeleton for one in last.campaigns[0].templates}
    wanted = json.loads((whole / "out/campaigns.json").read_bytes())["campaigns"][0]["templates"]
    assert shown and shown.keys() == {one["template_id"] for one in wanted} and all(shown.values())


def test_killed_anywhere_it_goes_on(whole: Path, tmp_path: Path) -> None:
    feed = Feed(whole / "log", tmp_path / "log", 3, seed=2)
    feed.parquet(0)
    feed.lines(1)
    command = [sys.executable, killed_at.__file__]
    places = [str(tmp_path / "log"), str(tmp_path / "state"), str(whole / "key")]

    def killed(step: int) -> subprocess.CompletedProcess[str]:
        return begun.run(begun.WATCH, [*command, str(step), *places])

    for step in (4, 40, 150, 400, 100):  # while it opens and absorbs, and twice in the midst of the look
        assert killed(step).returncode == -signal.SIGKILL, step
    feed.parquet(2)  # comes after a look that was killed, and while the clock stands still
    done = killed(0)
    assert done.returncode == 0, done.stderr
    same(tmp_path / "state/result", whole / "out")
    left = {path.name for path in (tmp_path / "state").iterdir()}
    assert left == {".lock", "histories", "manifest.json", "rejected.jsonl", "result", "results", "tables"}
    assert len(list((tmp_path / "state/results").iterdir())) == 1


# ------------------------------------------------------------------------------------------------------- small logs


def row(number: int, at: datetime, account: str = "a") -> dict[str, Any]:
    return {
        "exchange_id": f"x{number}",
        "account_id": account,
        "timestamp": at.isoformat(),
        "prompt": f"hello {number}",
    }


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[Path, Callable[..., Report | None]]]:
    """A log folder, and a look at it."""
    (tmp_path / "log/exchanges").mkdir(parents=True)

    def look(**changes: Any) -> Report | None:
        return looked(tmp_path / "log", tmp_path / "state", tmp_path / "key", **changes)

    yield tmp_path / "log/exchanges", look


def written(path: Path, *rows: Any) -> None:
    with path.open("a") as file:
        file.writelines((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows)


def rejected(log: Path) -> list[tuple[str, int, str]]:
    lines = (log.parents[1] / "state/rejected.jsonl").read_text().splitlines()
    return [(one["file"], one["line"], one["reason"]) for one in map(json.loads, lines)]


def test_nothing_to_look_at_yet(small: Any) -> None:
    log, look = small
    with pytest.raises(NothingToRead, match="no exchange is kept"):
        look()
    written(log / "a.jsonl", row(1, NOW))
    report = look()
    assert report is not None and report.totals["exchanges"] == 1


def test_an_exchange_counts_once_however_often_it_comes(small: Any) -> None:
    log, look = small
    written(log / "a.jsonl", row(1, NOW), row(2, NOW))
    look()
    written(log / "a.jsonl", row(2, NOW), row(3, NOW))
    written(log / "b.jsonl", row(1, NOW))
    report = look()
    assert report.totals["exchanges"] == 3
    repeated = "duplicate of an exchange already read"
    assert rejected(log) == [("exchanges/a.jsonl", 3, repeated), ("exchanges/b.jsonl", 1, repeated)]


def test_a_bad_line_costs_itself_and_is_named_as_in_the_source(small: Any) -> None:
    log, look = small
    written(log / "a.jsonl", row(1, NOW))
    look()
    written(log / "a.jsonl", "{broken", row(2, NOW))
    (log / "b.parquet").write_bytes(b"no Parquet")
    report = look()
    assert report.totals["exchanges"] == 2 and report.totals["rejected"] == 2
    told = [(file, line) for file, line, _ in rejected(log)]
    assert sorted(told) == [("exchanges/a.jsonl", 2), ("exchanges/b.parquet", 0)]


def test_late_rows_count_and_those_older_than_what_is_kept_do_not(small: Any) -> None:
    log, look = small
    written(log / "a.jsonl", row(1, NOW))
    look(keep=10 * DAY)
    written(log / "a.jsonl", row(2, NOW - 9 * DAY), row(3, NOW - 11 * DAY))
    report = look(keep=10 * DAY)
    assert report.totals["exchanges"] == 2
    assert rejected(log) == [("exchanges/a.jsonl", 3, "older than what is kept")]


def test_what_is_older_is_forgotten(small: Any) -> None:
    log, look = small
    written(log / "a.jsonl", *(row(day, NOW - day * DAY) for day in range(8)))
    assert look().totals["exchanges"] == 8
    assert look(keep=3 * DAY, clock=lambda: NOW + DAY).totals["exchanges"] == 3
    state = log.parents[1] / "state"
    assert pq.read_table(state / "tables/uses.parquet")["exchange_id"].to_pylist() == ["x2", "x1", "x0"]
    assert len(list((state / "tables/signals").iterdir())) == 3
    written(log / "a.jsonl", row(7, NOW - 7 * DAY))
    assert look(keep=3 * DAY, clock=lambda: NOW + DAY).totals["exchanges"] == 3, "it does not come back"


def test_a_file_that_began_anew_is_read_from_its_start(small: Any) -> None:
    log, look = small
    written(log / "a.jsonl", row(1, NOW), row(2, NOW))
    look()
    (log / "a.jsonl").rename(log.parents[1] / "rotated")
    written(log / "a.jsonl", row(3, NOW))
    assert look().totals["exchanges"] == 3 and rejected(log) == []


def test_a_line_without_an_end_is_left_until_it_has_one(small: Any) -> None:
    log, look = small
    text = json.dumps(row(2, NOW))
    written(log / "a.jsonl", row(1, NOW))
    with (log / "a.jsonl").open("a") as file:
        file.write(text[:20])
    assert next(watch(replace(ask(log), once=False), SMALL)).totals["exchanges"] == 1
    with (log / "a.jsonl").open("a") as file:
        file.write(text[20:] + "\n")
    assert look().totals["exchanges"] == 2 and rejected(log) == []


def ask(log: Path) -> Asked:
    folder = log.parents[1]
    return asked(folder / "log", folder / "state", folder / "key")


def test_looks_are_as_far_apart_as_asked(small: Any) -> None:
    log, _ = small
    now = [NOW]

    def sleep(_: float) -> None:
        now[0] += timedelta(minutes=20)
        written(log / "a.jsonl", row(int((now[0] - NOW) / timedelta(minutes=1)), now[0]))

    written(log / "a.jsonl", row(1, NOW))
    looks = watch(replace(ask(log), once=False, every=timedelta(hours=1), clock=lambda: now[0], sleep=sleep), SMALL)
    at = [next(looks).totals["looked_at"] for _ in range(3)]
    assert at == [f"{NOW + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(3)]


def test_campaigns_keep_name_and_time_over_a_restart(whole: Path, tmp_path: Path) -> None:
    feed = Feed(whole / "log", tmp_path / "log", 2, seed=3)
    state = (tmp_path / "log", tmp_path / "state", whole / "key")
    feed.parquet(0)
    first = looked(*state, clock=lambda: NOW - DAY)
    feed.parquet(1)
    last = looked(*state)
    assert first is not None and last is not None
    assert [one.campaign_id for one in last.campaigns] == [one.campaign_id for one in first.campaigns]
    assert last.campaigns[0].detected_at == first.campaigns[0].detected_at == f"{NOW - DAY:%Y-%m-%dT%H:%M:%SZ}"
    taken = pq.read_table(tmp_path / "state/result/replay.parquet")
    assert taken.schema.equals(tables.RESULT_REPLAY.schema) and set(taken["at"].to_pylist()) == {NOW}
    own = pq.read_table(tmp_path / "state/result/templates.parquet").to_pylist()
    assert {row["at"] for row in own} == {NOW}
    assert {row["campaign_id"] for row in own} == {None, last.campaigns[0].campaign_id}


def test_another_key_or_another_process_is_refused(small: Any, tmp_path: Path) -> None:
    log, look = small
    written(log / "a.jsonl", row(1, NOW))
    look()
    with pytest.raises(BadConfiguration, match="key is another"):
        list(watch(replace(ask(log), key=tmp_path / "other"), SMALL))
    with locked(tmp_path / "state"), pytest.raises(StoreLocked):
        look()


def test_many_small_batches_of_an_hour_that_is_over_become_one_file(small: Any) -> None:
    log, look = small
    early = [NOW - timedelta(hours=5), NOW - timedelta(hours=5, minutes=-20)]
    for number in range(9):
        written(log / "a.jsonl", row(number, early[number % 2]), row(100 + number, NOW))
        report = look()
    assert report.totals["exchanges"] == 18
    state = log.parents[1] / "state"
    of_hours = [path.name.split("-")[0] for path in (state / "tables/signals").iterdir()]
    assert sorted(of_hours.count(hour) for hour in set(of_hours)) == [2, 9], "eight of the early hour are one now"
    ids = pq.read_table(state / "tables/uses.parquet")["exchange_id"].to_pylist()
    assert len(ids) == len(set(ids)) == 18


def test_while_little_comes_it_is_taken_once_a_minute(small: Any) -> None:
    log, _ = small
    now = [NOW]

    def sleep(_: float) -> None:
        now[0] += timedelta(seconds=20)
        written(log / "a.jsonl", row(int((now[0] - NOW).total_seconds()), now[0]))

    written(log / "a.jsonl", row(1, NOW))
    looks = watch(replace(ask(log), once=False, every=timedelta(minutes=6), clock=lambda: now[0], sleep=sleep), SMALL)
    assert [next(looks).totals["exchanges"] for _ in range(2)] == [1, 19]
    manifest = json.loads((log.parents[1] / "state/manifest.json").read_bytes())
    assert manifest["batches"] == 7


def test_everything_may_be_forgotten(small: Any) -> None:
    log, look = small
    written(log / "a.jsonl", row(1, NOW - 5 * DAY))
    assert look().totals["exchanges"] == 1
    with pytest.raises(NothingToRead, match="no exchange is kept"):
        look(keep=DAY)
    written(log / "a.jsonl", row(2, NOW))
    assert look(keep=DAY).totals["exchanges"] == 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="no such log folder"):
        looked(tmp_path / "nowhere", tmp_path / "state", tmp_path / "key")
