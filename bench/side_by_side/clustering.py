"""Clustering: the weighted links of a scanned world, to communities; beside networkx, leidenalg and igraph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.side_by_side import worlds
from bench.side_by_side.comparison import Asked, Comparison, of_known
from bench.side_by_side.contender import Contender
from stillwatch.config import Config

SETTINGS = Config().clusters
ABROAD = 0.005  # share of links that lead to another copy, so that the graph is one and not many small ones


def inputs(folder: Path, asked: Asked) -> dict[str, Any]:
    """The world's graph in copies, each with accounts and campaigns of its own."""
    world = worlds.scanned(asked)
    links = pq.read_table(world / "out/tables/links.parquet", columns=["account_a", "account_b", "weight"])
    pairs = links.group_by(["account_a", "account_b"]).aggregate([("weight", "sum")])
    names = pc.unique(pa.chunked_array([*pairs["account_a"].chunks, *pairs["account_b"].chunks])).sort()
    a, b = (pc.index_in(pairs[side], names).to_numpy().astype(np.int64) for side in ("account_a", "account_b"))
    a, b, weight = copied(a, b, pairs["weight_sum"].to_numpy(), len(names), asked.copies, asked.seed)
    pq.write_table(pa.table({"a": a, "b": b, "weight": weight}), folder / "edges.parquet", compression="zstd")
    number = worlds.campaigns(world)
    campaign = np.array([number.get(one, -1) for one in names.to_pylist()])
    whole = np.concatenate([np.where(campaign < 0, -1, campaign + 1_000 * copy) for copy in range(asked.copies)])
    pq.write_table(pa.table({"campaign": whole}), folder / "truth.parquet")
    return {"accounts": len(whole), "links": len(a), "resolution": SETTINGS.resolution}


def copied(
    a: np.ndarray, b: np.ndarray, weight: np.ndarray, nodes: int, copies: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges of all copies, each pair once; some lead from one copy to another."""
    dice = np.random.default_rng(seed)
    shift = np.repeat(np.arange(copies), len(a)) * nodes
    a, b, weight = np.tile(a, copies) + shift, np.tile(b, copies) + shift, np.tile(weight, copies)
    away = dice.random(len(a)) < ABROAD
    b = np.where(away, (b + nodes * dice.integers(copies, size=len(a))) % (nodes * copies), b)
    low, high = np.minimum(a, b), np.maximum(a, b)
    once = np.unique((low << 32) | high, return_index=True)[1]
    once = once[low[once] != high[once]]
    return low[once], high[once], weight[once]


def quality(folder: Path, row: Mapping[str, Any]) -> dict[str, float]:
    """Modularity at our resolution, and pairs of accounts of one campaign in one community."""
    edges = pq.read_table(folder / "edges.parquet")
    label = np.unique(pq.read_table(row["answer"])["label"].to_numpy(), return_inverse=True)[1]
    a, b, weight = (edges[name].to_numpy() for name in ("a", "b", "weight"))
    truth = pq.read_table(folder / "truth.parquet")["campaign"].to_numpy()
    value = modularity(a, b, weight, label, SETTINGS.resolution)
    return {"modularity": value} | of_known(truth, label) | {"communities": int(label.max()) + 1}


def modularity(a: np.ndarray, b: np.ndarray, weight: np.ndarray, label: np.ndarray, resolution: float) -> float:
    """Newman's, with a resolution (Reichardt and Bornholdt 2006): weight inside less what chance would put there."""
    total = weight.sum()
    inside = weight[label[a] == label[b]].sum() / total
    strength = np.bincount(np.concatenate([label[a], label[b]]), np.concatenate([weight, weight]))
    return float(inside - resolution * ((strength / (2 * total)) ** 2).sum())


def _peer(name: str, package: str, work: str, **options: Any) -> Contender:
    return Contender(name, package, f"networks.{work}", options)


_SAME = {"resolution": SETTINGS.resolution}
ALL = (
    Comparison(
        "clustering",
        f"Weighted links to communities, at a resolution of {SETTINGS.resolution}; building each tool's graph is counted.",
        "edges.parquet",
        inputs,
        (
            Contender("stillwatch (networkit)", "stillwatch", "stillwatch.clustering"),
            Contender("connected components", "scipy", "components.clustering"),
            _peer("networkx Louvain", "networkx", "networkx_louvain", **_SAME),
            _peer("networkx label propagation", "networkx", "networkx_labels"),
            _peer("leidenalg, 2 iterations", "leidenalg", "leidenalg", **_SAME, iterations=2),
            _peer("igraph Leiden, 2 iterations", "igraph", "igraph_leiden", **_SAME, iterations=2),
        ),
        quality,
        {"networkx": 1.0, "leidenalg": 1.0, "igraph": 1.0},
        "f1",
    ),
)
