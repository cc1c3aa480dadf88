"""Every peer as a program: what it writes, and that it reads nothing later than it was told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from peer_logs import START, exchange, opened, write

from bench.peers import PEERS
from bench.peers.__main__ import main
from bench.peers.log import Log

DETECTORS = Path(__file__).parents[2] / "bench" / "detectors.yaml"
DAY = 86_400  # seconds
COLUMNS = {"account_id": "string", "campaign_id": "string", "score": "double", "verdict": "string"}


def traffic(accounts: int, requests: int, seed: int) -> list[dict[str, object]]:
    """Everybody asks about something else from an address of five; one request a minute."""
    random = np.random.default_rng(seed)
    words = np.array([f"word{number}" for number in range(60)])
    return [
        exchange(
            f"a{number}", 60 * place, prompt=" ".join(random.choice(words, 8)), client_ip=f"198.51.100.{number // 5}",
            system="one prompt", model="m1" if place < requests / 2 else "m2", input_tokens=20, max_tokens=4096,
            tls_fingerprint="t1", asn=16509,
        )
        for number in range(accounts) for place in range(requests)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One log that goes on for a second day with more people, the same up to its first midnight, and a history."""
    base = tmp_path_factory.mktemp("peers")
    first = traffic(10, 110, 1)
    second = [row | {"timestamp": row["timestamp"] + timedelta(days=1)} for row in traffic(30, 50, 2)]  # type: ignore[operator]
    known = [{"account_id": "idle", "created_at": START, "payment_fingerprint": "p"}]
    later = [{"account_id": "a1", "created_at": START + timedelta(days=1), "payment_fingerprint": "p"}]
    write(base / "whole", first + second, known + later)
    write(base / "first", first, known)
    write(base / "benign", traffic(12, 110, 3))
    return base


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_answers_for_every_account_and_reads_nothing_later(folders: Path, tmp_path: Path, name: str) -> None:
    benign = ["--benign", str(folders / "benign")]
    midnight = (START + timedelta(days=1, seconds=-1)).isoformat()
    assert main([name, str(folders / "whole"), str(tmp_path / "then"), *benign, "--as-of", midnight]) == 0
    assert main([name, str(folders / "first"), str(tmp_path / "now"), *benign]) == 0
    then, now = (pq.read_table(tmp_path / one / "accounts.parquet") for one in ("then", "now"))
    assert {field.name: str(field.type) for field in then.schema} == COLUMNS
    assert then["account_id"].to_pylist() == sorted([*(f"a{number}" for number in range(10)), "idle"])
    assert set(then["verdict"].to_pylist()) <= {"clear", "campaign"}
    assert then.equals(now)


@pytest.mark.parametrize("name", ["prada", "mmd"])
def test_a_peer_that_needs_history_says_so(folders: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(SystemExit, match="--benign"):
        main([name, str(folders / "first"), str(tmp_path)])


def test_a_row_at_the_instant_is_not_later(tmp_path: Path) -> None:
    folder = write(tmp_path / "log", [exchange("a", 0), exchange("a", 1), exchange("b", 2)])
    log = Log(folder, START + timedelta(seconds=1))
    assert (log.accounts, log.rows("SELECT count(*) FROM exchanges")) == (["a"], [(2,)])


def test_no_later_verdict_of_the_provider_is_shown(tmp_path: Path) -> None:
    log = opened(tmp_path, [exchange("a")], [{"account_id": "a", "status": "banned", "banned_at": START}])
    seen = {row[0] for name in ("accounts", "exchanges") for row in log.rows(f"DESCRIBE {name}")}
    assert not seen & {"status", "banned_at", "closed_at"}


def test_columns_that_a_log_lacks_are_null(tmp_path: Path) -> None:
    folder = write(tmp_path / "log", [exchange("a", client_ip="192.0.2.1")])
    part = folder / "exchanges" / "part-000.parquet"
    pq.write_table(pq.read_table(part).select(["exchange_id", "account_id", "timestamp", "prompt"]), part)
    (folder / "accounts.parquet").unlink()
    assert Log(folder).rows("SELECT account_id, client_ip FROM exchanges") == [("a", None)]


def test_the_benchmark_knows_every_peer() -> None:
    listed = yaml.safe_load(DETECTORS.read_text())
    named = [entry["command"][3] for entry in listed.values() if "bench.peers" in entry["command"]]
    assert next(iter(listed)) == "stillwatch"
    assert set(named) == set(PEERS)
    assert all(entry["about"] and entry["source"] for entry in listed.values())
