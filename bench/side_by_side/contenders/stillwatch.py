"""Stillwatch's own stages, as contenders. Compiled, or loaded, before the clock starts: a scan does that once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.clusters.communities import communities
from stillwatch.config import Config, Text
from stillwatch.engines.duckdb import DuckDB
from stillwatch.flow import LINK_FLOW
from stillwatch.links import given, meetings
from stillwatch.run.ledger import Ledger
from stillwatch.run.progress import Silent, Timings
from stillwatch.run.stages import run_stages
from stillwatch.signals.sketch import sketches
from stillwatch.tables import LOG_EVIDENCE
from stillwatch.templates import templates
from stillwatch.uses import Recogniser

Work = Callable[[], Any]


def fingerprints(folder: Path, threads: int = 1) -> Work:
    texts = pq.read_table(folder / "texts.parquet")["text"].combine_chunks()
    sketches(texts[:10], Text())
    if threads == 1:
        return lambda: sketches(texts, Text())
    size = -(-len(texts) // (8 * threads))  # more pieces than threads, so that long texts do not all fall to one
    pieces = [texts.slice(start, size) for start in range(0, len(texts), size)]

    def work() -> list[Any]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda piece: sketches(piece, Text()), pieces))

    return work


def groups(folder: Path) -> Work:
    """Fingerprint, mine, recognise, with the default settings; the same as template_pairs does, on Arrow arrays."""
    table = pq.read_table(folder / "corpus.parquet")
    texts, account = table["text"].combine_chunks(), table["account"].combine_chunks()
    field = pa.repeat("prompt", len(texts))

    def work(number: int = len(texts)) -> dict[str, Any]:
        config = Config()
        sketch = sketches(texts[:number], config.text).sketch
        documents = pa.table({"field": field[:number], "account_id": account[:number], "sketch": sketch})
        known = Recogniser(templates(documents, config.templates), "prompt", config.templates)
        return {"label": known.recognise(sketch).dictionary_encode().indices}

    work(2_000)
    return work


def linkage(folder: Path, null: bool = False) -> Work:
    """Values to pairs to clusters; `null` also draws who holds what anew, to tell which clusters come up by chance."""
    config = Config()
    if not null:
        config = replace(config, clusters=replace(config.clusters, shuffles=0))
    run = _stages(folder, "own_shared_values", "clusters", config)

    def work() -> dict[str, Any]:
        tables, peak = run()
        found = pq.read_table(tables / "clusters.parquet", columns=["account_id", "cluster_id"])
        pairs = pq.read_table(tables / "links.parquet", columns=["account_a", "account_b"])
        return {
            "account_id": found["account_id"],
            "label": found["cluster_id"].combine_chunks().dictionary_encode().indices,
            "pairs": len(pairs.group_by(["account_a", "account_b"]).aggregate([])),
            "peak_mb": peak,
        }

    return work


def pairing(folder: Path) -> Work:
    """Rows of who did what when to weighed pairs: what a co-action network is."""
    two = {"account_id": ["a", "b"], "kind": ["k", "k"], "value": ["v", "v"], "timestamp": [0, 1], "amount": [1.0, 2.0]}
    few = pa.table(two, schema=LOG_EVIDENCE.schema)
    meetings.meetings(few, given.given_shared_values(few), Config().links)
    run = _stages(folder, "account_values", "links", Config())

    def work() -> dict[str, Any]:
        tables, peak = run()
        pairs = pq.read_table(tables / "links.parquet", columns=["account_a", "account_b"])
        return {"account_a": pairs["account_a"], "account_b": pairs["account_b"], "peak_mb": peak}

    return work


def clustering(folder: Path) -> Work:
    edges = pq.read_table(folder / "edges.parquet")
    a, b, weight = (edges[name].to_numpy() for name in ("a", "b", "weight"))
    nodes = int(max(a.max(), b.max())) + 1
    communities(2, np.array([0]), np.array([1]), np.array([1.0]), Config().clusters)
    return lambda: {"label": communities(nodes, a, b, weight, Config().clusters)}


def _stages(folder: Path, first: str, last: str, config: Config) -> Callable[[], tuple[Path, float]]:
    """Stages of `stillwatch link` from one to another, on stored tables, in a folder of their own; returns that folder, and MB
    at most.
    """
    target = folder / "stages"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder / "tables", target)
    names = [stage.makes.name for stage in LINK_FLOW]
    stages = LINK_FLOW[names.index(first) : names.index(last) + 1]
    engine = DuckDB(target, config.engine)

    def run() -> tuple[Path, float]:
        timings = Timings(Silent())
        run_stages(stages, engine, config, timings, Ledger(target / "unfinished.json", "bench"))
        print(*(f"{one['stage']} {one['seconds']} s" for one in timings.stages), sep="\n", file=sys.stderr)
        return target, max(float(one["peak_mib"]) for one in timings.stages)

    return run
