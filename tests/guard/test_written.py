"""The log: rows are put without waiting, written whole, and read by scan and watch."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from guard_here import NOW

from stillwatch.config import Config, Reading
from stillwatch.guard.actions import Refuse, SlowDown
from stillwatch.guard.appended import Appended
from stillwatch.guard.decision import Basis, Decision
from stillwatch.guard.logged import Decided, Exchange, exchange_line
from stillwatch.guard.requests import asked
from stillwatch.guard.usage import Usage
from stillwatch.guard.written import Written
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import open_log
from stillwatch.run import Place, scan
from stillwatch.run.watching.growing import GrowingFolder

KEY = Pseudonyms(b"k" * 32)
BODY = {
    "model": "large", "max_tokens": 64, "temperature": 0.5, "stream": True, "logprobs": True, "user": "u-1",
    "tools": [{"type": "function"}],
    "messages": [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"},
        {"role": "assistant", "thinking_blocks": [{"type": "thinking", "signature": "s"}]},
        {"role": "user", "content": "Why?"},
    ],
}  # fmt: skip


def exchange(number: int = 0, body: Any = BODY, **changes: Any) -> Exchange:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Exchange(**{
        "id": f"x-{number}", "at": NOW.timestamp() + number, "account": "a", "organization": "o",
        "asked": asked("/v1/chat/completions", raw), "usage": Usage(20, 7, 3, 16, "stop", "", True), "status": 200,
        "latency_ms": 12.5, "api_key": "sk-secret", "session": "s", "client_ip": "192.0.2.1", "user_agent": "curl",
        "tls_fingerprint": "t13d", "header_fingerprint": "h", **changes,
    })  # fmt: skip


def opened(folder: Path, **settings: Any) -> Written:
    return Written(folder / "log" / "exchanges", folder / "decisions", KEY, **settings)


def rows(folder: Path) -> list[dict[str, Any]]:
    """The exchanges of a log, as the reader of scan has them; nothing of it may be set aside."""
    chunks = list(open_log(folder / "log", Reading(), NOW + timedelta(days=1)).chunks())
    assert [one.rejects for one in chunks if one.rejects] == []
    return [row for one in chunks for row in one.batch.to_pylist()]


def test_what_is_written_is_what_scan_reads(tmp_path: Path) -> None:
    log = opened(tmp_path)
    assert log.exchange(exchange(0)) and log.exchange(exchange(1, {"prompt": [1, 2]}))
    log.close()
    first, second = rows(tmp_path)
    told = {name: value for name, value in first.items() if value is not None and name != "row"}
    assert told.pop("reasoning_signature") and told.pop("api_key_id") not in ("sk-secret", "")
    assert told == {
        "exchange_id": "x-0", "account_id": "a", "organization_id": "o", "end_user_id": "u-1", "session_id": "s",
        "timestamp": NOW, "model": "large", "system": "Be brief.", "prompt": "Why?", "turn": 1,
        "tools": '[{"type":"function"}]', "input_tokens": 20, "output_tokens": 7, "max_tokens": 64, "temperature": 0.5,
        "stream": True, "logprobs": True, "status": 200, "finish_reason": "stop",
        "client_ip": "192.0.2.1", "user_agent": "curl", "tls_fingerprint": "t13d", "header_fingerprint": "h",
    }  # fmt: skip
    assert (second["prompt"], second["system"]) == ("", None)
    assert orjson.loads(exchange_line(exchange(), KEY, "all"))["latency_ms"] == 12.5  # which scan does not read


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages": [{"role": "user", "content": "cut \\ud83d"}], "model": "\\ud83d"}',
        b'{"temperature": 1e200, "max_tokens": 99999999999, "messages": {}, "user": 7}',
        orjson.dumps({"prompt": "\x00" * 5_000_000, "instructions": "\x00" * 5_000_000, "model": "m" * 5_000_000}),
        b'{"tools": ' + b"[" * 900 + b"]" * 900 + b"}",
        b"",
    ],
)
def test_no_request_can_keep_its_row_out_of_the_log(tmp_path: Path, body: bytes) -> None:
    log = opened(tmp_path)
    log.exchange(exchange(0, body, status=99_999, usage=Usage(2**40, 2**40)))
    log.close()
    assert [row["account_id"] for row in rows(tmp_path)] == ["a"]
    assert log.counts == {"exchanges written": 1}


@pytest.mark.parametrize(
    ("texts", "marked", "prompt"), [("all", False, "Why?"), ("marked", False, ""), ("marked", True, "Why?")]
)
def test_texts_can_be_left_out(texts: Any, marked: bool, prompt: str) -> None:
    row = orjson.loads(exchange_line(exchange(keep_texts=marked), KEY, texts))
    assert row["prompt"] == prompt
    assert ("system" in row, "tools" in row) == (bool(prompt), bool(prompt))
    assert row["turn"] == 1 and row["reasoning_signature"]


def test_scan_and_watch_work_on_a_log_of_the_guard(tmp_path: Path) -> None:
    log = opened(tmp_path)
    for number in range(200):
        log.exchange(exchange(number, account=f"a{number % 7}"))
    log.close()
    outcome = scan(Place(tmp_path / "log", tmp_path / "out"), Config())
    assert outcome.rejected == 0
    assert (tmp_path / "out" / "accounts.parquet").is_file()
    (path,) = (tmp_path / "log" / "exchanges").iterdir()
    with path.open("ab") as file:  # a process that was killed while it wrote
        file.write(b'{"exchange_id": "x-2')
    taken = GrowingFolder(tmp_path / "log", 60.0, 1 << 20).take({}, tmp_path / "batch", False)
    assert taken is not None
    (copy,) = (tmp_path / "batch" / "exchanges").iterdir()
    assert copy.read_bytes().count(b"\n") == 200 and copy.read_bytes().endswith(b"}\n")


def test_files_are_of_a_process_and_an_hour_and_for_their_owner_alone(tmp_path: Path) -> None:
    first, second = Appended(tmp_path / "x"), Appended(tmp_path / "x")
    for files in (first, second):
        for hours in (0, 0.5, 1):
            files.append([b"{}"], (NOW + timedelta(hours=hours)).timestamp())
        files.close()
    names = sorted(path.name for path in (tmp_path / "x").iterdir())
    assert [name[:17] for name in names] == ["guard-20261120T12"] * 2 + ["guard-20261120T13"] * 2
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "x").iterdir()} == {0o600}
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o700
    assert sorted(path.read_bytes() for path in (tmp_path / "x").iterdir()) == [b"{}\n"] * 2 + [b"{}\n{}\n"] * 2


def test_a_file_that_was_moved_away_gets_no_more_lines(tmp_path: Path) -> None:
    files = Appended(tmp_path)
    files.append([b"1"], 0.0)
    (path,) = tmp_path.iterdir()
    path.rename(tmp_path / "kept")
    files.append([b"2"], 1.0)
    assert path.read_bytes() == b"2\n" and (tmp_path / "kept").read_bytes() == b"1\n"


@pytest.mark.parametrize(
    ("settings", "kept"), [({"most_rows": 3}, 3), ({"most_bytes": 2 * len(orjson.dumps(BODY))}, 2)]
)
def test_a_full_queue_drops_rows_and_counts_them(tmp_path: Path, settings: dict[str, int], kept: int) -> None:
    stands, goes_on = threading.Event(), threading.Event()

    def clock() -> float:  # as slow as a disk that does not answer
        stands.set()
        goes_on.wait(10)
        return NOW.timestamp()

    log = opened(tmp_path, now=clock, every=0.01, **settings)
    log.exchange(exchange(0))
    stands.wait(10)
    put = [log.exchange(exchange(number)) for number in range(1, 6)]
    assert put == [number < kept for number in range(5)]
    goes_on.set()
    log.close()
    assert log.counts == {"exchanges written": kept + 1, "exchanges dropped": 5 - kept}
    assert len(rows(tmp_path)) == kept + 1


def test_a_disk_that_fails_costs_rows_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("in the way")
    log = opened(tmp_path)
    log.exchange(exchange())
    log.decision(Decided(Decision("D-1"), NOW.timestamp(), "x-0", "a", "o", "C-1"))
    log.close()
    assert log.counts == {"exchanges failed": 1, "decisions written": 1}


def test_a_line_that_does_not_fit_on_the_disk_is_taken_back(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys; from pathlib import Path; from stillwatch.guard.appended import Appended\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "files = Appended(Path(sys.argv[1])); files.append([b'x' * 60], 0.0)\n"
        "try: files.append([b'y' * 60], 0.0)\n"
        "except OSError: files.append([b'z' * 20], 0.0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == b"x" * 60 + b"\n" + b"z" * 20 + b"\n"


def test_a_process_that_is_killed_leaves_whole_lines(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, time; from pathlib import Path\n"
        "from stillwatch.guard.decision import Basis, Decision; from stillwatch.guard.logged import Decided\n"
        "from stillwatch.guard.written import Written; from stillwatch.pseudonyms import Pseudonyms\n"
        "log = Written(Path(sys.argv[1]), Path(sys.argv[1]), Pseudonyms(b'k' * 32), every=0.001)\n"
        "for number in range(10**9):\n"
        "    log.decision(Decided(Decision('D' * 5000), 0.0, str(number), 'a', 'o', ''))\n"
        "    if not number % 20: time.sleep(0.001)\n"
        "    if log.counts['decisions written'] > 300: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    (path,) = tmp_path.iterdir()
    *lines, cut = path.read_bytes().split(b"\n")
    written = [orjson.loads(line)["exchange_id"] for line in lines]
    assert len(lines) > 300 and written == [str(number) for number in range(len(lines))]
    assert not cut.endswith(b"}")


def test_decisions_are_kept_for_explain_and_appeals(tmp_path: Path) -> None:
    log = opened(tmp_path, now=lambda: NOW.timestamp())
    decision = Decision(
        "D-1",
        ("stop", "slow"),
        ("try",),
        Refuse(),
        (("slow:a", SlowDown(6.0)),),
        drop_logprobs=True,
        basis=Basis({"account.score": 0.9, "account.age_days": math.nan}, {"stop": "f1"}, "2026-11-19"),
    )
    log.decision(Decided(decision, NOW.timestamp(), "x-0", "a", "o", "C-1"))
    log.close()
    (path,) = (tmp_path / "decisions").iterdir()
    assert orjson.loads(path.read_bytes()) == {
        "decision_id": "D-1", "timestamp": datetime(2026, 11, 20, 12, tzinfo=UTC).isoformat(), "exchange_id": "x-0",
        "account_id": "a", "organization_id": "o", "campaign_id": "C-1", "live": ["stop", "slow"], "shadow": ["try"],
        "done": ["refuse", "slow_down", "drop_logprobs"], "rules": {"stop": "f1"},
        "facts": {"account.score": 0.9, "account.age_days": None}, "found_until": "2026-11-19",
    }  # fmt: skip
