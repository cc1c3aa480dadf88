"""Linking without exchanges: accounts that share what only the provider knows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.config import Config
from stillwatch.run import Place, link


def evidence_only(folder: Path) -> Path:
    """Six accounts share four wallets; three hundred have one of their own."""
    folder.mkdir()
    rows = [{"account_id": f"ring-{n}", "kind": "wallet", "value": f"w{w}"} for n in range(6) for w in range(4)]
    rows += [{"account_id": f"p-{n}", "kind": "wallet", "value": f"own {n}"} for n in range(300)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "evidence.parquet")
    return folder


def test_evidence_alone_makes_clusters(tmp_path: Path) -> None:
    outcome = link(Place(evidence_only(tmp_path / "log"), tmp_path / "out"), Config())
    links = pq.read_table(tmp_path / "out/links.parquet")
    assert links.schema.names == ["account_a", "account_b", "kind", "weight", "value_pseudonym"]
    assert set(links["kind"].to_pylist()) == {"wallet"}
    assert not set(links["value_pseudonym"].to_pylist()) & {"w0", "w1", "w2", "w3"}, "values leave as pseudonyms"
    clusters = pq.read_table(tmp_path / "out/clusters.parquet")
    assert clusters.schema.names == ["account_id", "cluster_id", "score"]
    assert set(clusters["account_id"].to_pylist()) == {f"ring-{n}" for n in range(6)}
    assert len(set(clusters["cluster_id"].to_pylist())) == 1
    assert all(0 < score <= 1 for score in clusters["score"].to_pylist())
    assert outcome.report.totals["largest"] == 6


def test_accounts_alone_make_clusters(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    rows = [
        {"account_id": f"ring-{n}", "payment_fingerprint": f"card {n % 2}", "device_fingerprint": f"phone {n % 3}"}
        for n in range(6)
    ]
    rows += [
        {"account_id": f"p-{n}", "payment_fingerprint": f"c{n}", "device_fingerprint": f"d{n}"} for n in range(900)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log/accounts.parquet")
    link(Place(tmp_path / "log", tmp_path / "out"), Config())
    clusters = pq.read_table(tmp_path / "out/clusters.parquet").to_pylist()
    assert {row["account_id"] for row in clusters} == {f"ring-{n}" for n in range(6)}


def test_nothing_shared_is_an_empty_answer(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    rows = [{"account_id": f"p-{n}", "kind": "wallet", "value": f"own {n}"} for n in range(30)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log/evidence.parquet")
    link(Place(tmp_path / "log", tmp_path / "out"), Config())
    assert len(pq.read_table(tmp_path / "out/links.parquet")) == 0
    assert len(pq.read_table(tmp_path / "out/clusters.parquet")) == 0
