"""Ten malformed inputs, each beside good rows, through the command: what it says, what it sets aside, what survives.

A scan takes seconds, so the defects that cost rows stand in one log, each in a file with an account of its own, and each
test looks at its own file. Where nothing is left to scan, the command ends at once, and each defect gets its own log.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.cli import main

SENT = datetime(2026, 2, 2, 9, tzinfo=UTC)
MILLISECONDS = int(SENT.timestamp() * 1000)
Place = tuple[int, str, str]  # line, column, part of the reason
Line = dict[str, Any] | bytes


@dataclass(frozen=True)
class Ended:
    """How a scan ended, and what it left."""

    code: int
    stdout: str
    stderr: str
    out: Path

    def rejected(self, file: str) -> list[dict[str, Any]]:
        lines = [json.loads(one) for one in (self.out / "rejected.jsonl").read_text().splitlines()]
        return [one for one in lines if one["file"] == file]

    def survivors(self, account: str) -> list[str]:
        uses = pq.read_table(self.out / "tables/uses.parquet", columns=["exchange_id", "account_id"]).to_pylist()
        return sorted(row["exchange_id"] for row in uses if row["account_id"] == account)


def scanned(log: Path, out: Path) -> Ended:
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.setattr(sys, "argv", ["stillwatch", "scan", str(log), "--out", str(out), "--json", "--quiet"])
        with pytest.raises(SystemExit) as ended:
            main()
            raise SystemExit(0)
    return Ended(int(ended.value.code or 0), stdout.getvalue(), stderr.getvalue(), out)


def row(account: str, number: int, **changes: Any) -> dict[str, Any]:
    usual = {"exchange_id": f"{account}{number}", "account_id": account, "timestamp": "2026-02-02T09:00:00Z"}
    return {**usual, "prompt": "How do I bake bread?", **changes}


def lines(folder: Path, account: str, *rows: Line) -> None:
    """A good row, the rows given, and a good row after them."""
    whole = [row(account, 0), *rows, row(account, 9)]
    data = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in whole)
    (folder / f"{account}.jsonl").write_bytes(data)


def parquet(folder: Path, account: str, rows: int = 2, **columns: Any) -> Path:
    usual = {
        "exchange_id": [f"{account}{number}" for number in range(rows)],
        "account_id": [account] * rows,
        "timestamp": pa.array([SENT] * rows, pa.timestamp("us", tz="UTC")),
        "prompt": ["How do I bake bread?"] * rows,
    }
    pq.write_table(pa.table({**usual, **columns}), folder / f"{account}.parquet")
    return folder / f"{account}.parquet"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def truncated(folder: Path) -> None:
    parquet(folder, "whole")
    cut(parquet(folder, "truncated"))


def types(folder: Path) -> None:
    lines(folder, "types", row("types", 1, input_tokens="many"), row("types", 2, account_id={"id": 3}))


def milliseconds(folder: Path) -> None:
    lines(folder, "clock", row("clock", 1, timestamp=MILLISECONDS))


def year_1970(folder: Path) -> None:
    instants = [int(SENT.timestamp() * 10**6), MILLISECONDS]
    parquet(folder, "epoch", timestamp=pa.array(instants, pa.timestamp("us", tz="UTC")))


def twice(folder: Path) -> None:
    lines(folder, "twice", row("twice", 0, prompt="Again?"))


def huge(folder: Path) -> None:
    lines(folder, "huge", b'{"exchange_id": "huge", "prompt": "' + b"x" * (50 * 2**20) + b'"}')


def bytes_of_no_text(folder: Path) -> None:
    lines(folder, "bytes", json.dumps(row("bytes", 1)).encode().replace(b"bread", b"br\xffad"))


def future(folder: Path) -> None:
    lines(folder, "future", row("future", 1, timestamp="2099-01-01T00:00:00Z"))


def loop(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "circle.jsonl").symlink_to(folder / "circle.jsonl")


# defect, account of its good rows, which of them survive, and file → what is told of it
CASES: list[tuple[Callable[[Path], None], str, list[int], dict[str, list[Place]]]] = [
    (truncated, "whole", [0, 1], {"truncated.parquet": [(0, "", "not readable as Parquet")]}),
    (types, "types", [0, 9], {"types.jsonl": [(2, "input_tokens", ""), (3, "account_id", "")]}),
    (milliseconds, "clock", [0, 9], {"clock.jsonl": [(2, "timestamp", "looks like milliseconds")]}),
    (year_1970, "epoch", [0], {"epoch.parquet": [(2, "timestamp", "milliseconds written as microseconds")]}),
    (twice, "twice", [0, 9], {"twice.jsonl": [(2, "exchange_id", "duplicate")]}),
    (huge, "huge", [0, 9], {"huge.jsonl": [(2, "", "longer than reading.max_line_bytes")]}),
    (bytes_of_no_text, "bytes", [0, 9], {"bytes.jsonl": [(2, "", "not UTF-8")]}),
    (future, "future", [0, 9], {"future.jsonl": [(2, "timestamp", "in the future")]}),
    (loop, "good", [0, 9], {"loop": [(0, "", "read already")], "circle.jsonl": [(0, "", "circle")]}),
]
NAMES = [defect.__name__ for defect, *_ in CASES]


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One scan of a good log to which every case added its defect."""
    base = tmp_path_factory.mktemp("spoilt")
    folder = base / "log/exchanges"
    folder.mkdir(parents=True)
    lines(folder, "good")
    for defect, *_ in CASES:
        defect(folder)
    return scanned(base / "log", base / "out")


@pytest.mark.parametrize(("defect", "account", "kept", "told"), CASES, ids=NAMES)
def test_a_defect_costs_its_own_rows_only(
    spoilt: Ended, defect: Any, account: str, kept: list[int], told: dict[str, list[Place]]
) -> None:
    for file, places in told.items():
        found = spoilt.rejected(f"exchanges/{file}")
        assert [(one["line"], one["column"]) for one in found] == [place[:2] for place in places]
        assert all(one["reason"] and part in one["reason"] for one, (*_, part) in zip(found, places, strict=True))
    assert spoilt.survivors(account) == [f"{account}{number}" for number in kept]


def test_13_and_every_reject_is_counted(spoilt: Ended) -> None:
    defects = sum(len(places) for *_, told in CASES for places in told.values())
    survivors = sum(len(kept) for *_, kept, _ in CASES)
    totals = json.loads(spoilt.stdout)["totals"]
    assert spoilt.code == 13 and f"{defects} input rows were set aside" in spoilt.stderr
    assert (totals["rejected"], totals["exchanges"]) == (defects, survivors)
    assert len((spoilt.out / "rejected.jsonl").read_text().splitlines()) == defects


def nothing(folder: Path) -> None:
    """An empty folder."""


def an_empty_file(folder: Path) -> None:
    (folder / "a.jsonl").touch()


def only_truncated(folder: Path) -> None:
    cut(parquet(folder, "a"))


def only(*rows: Line) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        data = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in rows]
        (folder / "a.jsonl").write_bytes(b"\n".join(data) + b"\n")

    return write


@pytest.mark.parametrize(
    ("write", "code", "says"),
    [
        (nothing, 10, "has no exchanges"),
        (an_empty_file, 10, "every file of the log is empty"),
        (only_truncated, 11, "a.parquet"),
        (only(b"\xff\xfe\xfd"), 11, "a.jsonl"),
        (loop, 11, "circle.jsonl"),
    ],
    ids=["empty folder", "empty file", "truncated", "no text", "symlink loop"],
)
def test_where_nothing_is_left_the_command_says_so(
    tmp_path: Path, write: Callable[[Path], None], code: int, says: str
) -> None:
    folder = tmp_path / "log/exchanges"
    folder.mkdir(parents=True)
    write(folder)
    ended = scanned(tmp_path / "log", tmp_path / "out")
    assert (ended.code, ended.stdout) == (code, "")
    assert ended.stderr.startswith("error: ") and says in ended.stderr and "BUG" not in ended.stderr


def test_accounts_that_contradict_the_exchanges_are_a_weakness_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "log/exchanges").mkdir(parents=True)
    for account in ("early", "gone", "missing", "fine"):
        lines(tmp_path / "log/exchanges", account)
    said = [
        {"account_id": "early", "created_at": "2026-03-02T09:00:00Z"},
        {"account_id": "gone", "created_at": "2026-01-02T09:00:00Z", "closed_at": "2026-01-09T09:00:00Z"},
        {"account_id": "fine", "created_at": "2026-01-02T09:00:00Z"},
    ]
    (tmp_path / "log/accounts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said))
    ended = scanned(tmp_path / "log", tmp_path / "out")
    assert (ended.code, ended.stderr) == (0, "")
    document = json.loads(ended.stdout)
    assert (document["totals"]["rejected"], document["totals"]["exchanges"]) == (0, 8)
    assert [one for one in document["weaknesses"] if one.startswith("1 of 4 accounts")] == [
        "1 of 4 accounts in the exchanges are missing from the account table: nothing of their sign-up is known.",
        "1 of 4 accounts have exchanges more than a day before they were created.",
        "1 of 4 accounts have exchanges more than a day after they were closed.",
    ]
    assert all(ended.survivors(account) for account in ("early", "gone", "missing", "fine"))
