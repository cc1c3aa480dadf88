"""The page of measurements: scraped over a socket as Prometheus does it, and read by its own parser."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stillwatch.config import Config, Watch
from stillwatch.run.measuring import Measured
from stillwatch.run.progress import Silent
from stillwatch.run.receiving import Receiver
from stillwatch.run.watching import Asked, watch

HERE = "127.0.0.1"
DAY = timedelta(days=1)


def get(address: tuple[str, int], path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address[0]}:{address[1]}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def scraped(address: tuple[str, int]) -> dict[tuple[str, ...], float]:
    """Name and label values of each sample → value."""
    families = text_string_to_metric_families(get(address, "/metrics")[1])
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "log/exchanges"
    folder.mkdir(parents=True)
    (tmp_path / "state").mkdir()
    at = datetime.now(UTC) - timedelta(minutes=10)
    rows = [
        {"exchange_id": f"x{n}", "account_id": "alice@example.com", "timestamp": at.isoformat(), "prompt": f"hello {n}"}
        for n in range(3)
    ]
    bad = [rows[0], {**rows[0], "exchange_id": "y", "timestamp": "alice's"}, {**rows[0], "exchange_id": "z"}]
    bad[2]["timestamp"] = (at - 50 * DAY).isoformat()
    (folder / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in [*rows, *bad, "no row"]))
    return folder.parent


class Looked(Exception):
    pass


def looks(log: Path, *beside: Any) -> Iterator[Any]:
    folder = log.parent

    def sleep(_: float) -> None:
        raise Looked

    asked = Asked(log, folder / "state", DAY, 28 * DAY, folder / "key", beside=beside, sleep=sleep)
    return watch(asked, Config())


def test_what_a_watch_says_of_itself(log: Path) -> None:
    state = log.parent / "state"
    receiver = Receiver(log, state, Config(), HERE, 0)
    measured = Measured(state, Config(), HERE, 0, Silent(), receiver)
    going = looks(log, receiver, measured)
    next(going)
    found = scraped(measured.address)
    counts = {one: found[one] for one in found if one[0].endswith("_total") or one[0] == "stillwatch_accounts"}
    assert counts == {
        ("stillwatch_exchanges_absorbed_total",): 3,
        ("stillwatch_batches_absorbed_total",): 1,
        ("stillwatch_looks_total",): 1,
        ("stillwatch_rows_rejected_total", "duplicate"): 1,
        ("stillwatch_rows_rejected_total", "timestamp"): 1,
        ("stillwatch_rows_rejected_total", "too_late"): 1,
        ("stillwatch_rows_rejected_total", "file"): 1,
        ("stillwatch_records_passed_over_total",): 0,
        ("stillwatch_accounts", "clear"): 1,
        ("stillwatch_accounts", "watch"): 0,
        ("stillwatch_accounts", "campaign"): 0,
    }
    assert 600 <= found["stillwatch_lag_seconds", "newest_exchange"] < 700
    assert 0 <= found["stillwatch_lag_seconds", "last_batch"] < 60
    assert 0 < found["stillwatch_look_duration_seconds",] < 60 and found["stillwatch_campaigns",] == 0
    assert found["stillwatch_state_bytes",] > 1_000 and found["stillwatch_otlp_waiting_bytes",] == 0
    assert abs(found["stillwatch_last_look_timestamp_seconds",] - datetime.now(UTC).timestamp()) < 60
    page = get(measured.address, "/metrics")[1]
    assert "alice" not in page and str(log) not in page
    with pytest.raises(Looked):
        next(going)


def test_counts_go_on_over_a_restart(log: Path) -> None:
    next(going := looks(log))
    going.close()
    measured = Measured(log.parent / "state", Config(), HERE, 0, Silent())
    with pytest.raises(Looked):
        list(looks(log, once := measured, Scrapes(measured)))
    assert once.progress.manifest is not None and once.progress.manifest.looks == 1


class Scrapes:
    """Beside a page of measurements: asks it at every turn."""

    def __init__(self, measured: Measured) -> None:
        self.measured = measured

    def __enter__(self) -> Scrapes:
        assert get(self.measured.address, "/readyz") == (503, '{"status":"failing","reason":"the watch has not begun"}')
        assert get(self.measured.address, "/healthz") == (200, '{"status":"ok"}')
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def turn(self, _: object) -> None:
        assert get(self.measured.address, "/readyz") == (200, '{"status":"ok"}')
        assert scraped(self.measured.address)["stillwatch_exchanges_absorbed_total",] == 3

    def looked(self, *_: object) -> None:
        raise AssertionError("nothing new to look at")


def test_health_fails_when_nothing_moves(log: Path) -> None:
    for minutes, status in ((30.0, 200), (0.0, 503)):
        config = replace(Config(), watch=Watch(stalled_minutes=minutes))
        with Measured(log.parent / "state", config, HERE, 0, Silent()) as measured:
            found, told = get(measured.address, "/healthz")
        assert found == status and ("no progress for" in told) == (status == 503)


def test_not_ready_while_senders_wait(log: Path) -> None:
    full = replace(Config(), watch=Watch(max_waiting_mib=0))
    state = log.parent / "state"
    with (
        Receiver(log, state, full, HERE, 0) as receiver,
        Measured(state, full, HERE, 0, Silent(), receiver) as measured,
    ):
        measured.progress.manifest = object()  # type: ignore[assignment]
        assert get(measured.address, "/readyz")[0] == 503
        assert get(measured.address, "/elsewhere")[0] == 404
