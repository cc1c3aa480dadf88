"""A result folder that does not keep to the contract is a failure that says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.benchmark.detectors import Detector
from stillwatch.benchmark.results import BadResult, read_result

ROW = {"account_id": "a", "score": 0.5, "verdict": "campaign"}
PLAIN = Detector("d", ("x",))
SURE = Detector("d", ("x",), probabilities=True)
FITTED = Detector("d", ("x",), fitted=True)


def result(folder: Path, *rows: dict[str, Any]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows)), folder / "accounts.parquet")
    return folder


def test_what_is_not_written_is_none(tmp_path: Path) -> None:
    found = read_result(result(tmp_path, ROW), PLAIN)
    assert found.accounts.to_pylist() == [{**ROW, "campaign_id": None}]
    assert (found.exchanges, found.campaigns) == (None, None)


@pytest.mark.parametrize(
    "rows, detector, why",
    [
        ([{"account_id": "a", "score": 0.5}], PLAIN, "no column verdict"),
        ([{"account_id": "a", "verdict": "clear"}], FITTED, "no column score"),
        ([ROW, ROW], PLAIN, "1 rows repeat an account"),
        ([ROW, {**ROW, "account_id": "b", "score": None}], PLAIN, "null or not a number"),
        ([{**ROW, "score": float("nan")}], PLAIN, "null or not a number"),
        ([{**ROW, "score": 1.5}], SURE, "not in 0..1"),
    ],
)
def test_accounts(tmp_path: Path, rows: list[dict[str, Any]], detector: Detector, why: str) -> None:
    with pytest.raises(BadResult, match=why):
        read_result(result(tmp_path, *rows), detector)


def test_a_fitted_detector_needs_no_verdict_and_a_ranking_no_probabilities(tmp_path: Path) -> None:
    assert read_result(result(tmp_path, {"account_id": "a", "score": 7.5}), FITTED).accounts["verdict"].null_count == 1


@pytest.mark.parametrize("name", ["accounts.parquet", "exchanges.parquet", "campaigns.json"])
def test_a_broken_file(tmp_path: Path, name: str) -> None:
    (result(tmp_path, ROW) / name).write_bytes(b"this is nothing")
    with pytest.raises(BadResult, match=f"{name} cannot be read"):
        read_result(tmp_path, PLAIN)
