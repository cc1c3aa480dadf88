"""Networkx, leidenalg and igraph: communities of a weighted graph. Building their graph is counted, as is ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

Work = Callable[[], Any]
SEED = 1


def networkx_louvain(folder: Path, resolution: float) -> Work:
    import networkx

    nodes, edges = _edges(folder)

    def work() -> dict[str, Any]:
        graph = networkx.Graph()
        graph.add_weighted_edges_from(zip(*(column.tolist() for column in edges), strict=True))
        found = networkx.community.louvain_communities(graph, resolution=resolution, seed=SEED)
        return {"label": _labels(nodes, found)}

    return work


def networkx_labels(folder: Path) -> Work:
    import networkx

    nodes, edges = _edges(folder)

    def work() -> dict[str, Any]:
        graph = networkx.Graph()
        graph.add_weighted_edges_from(zip(*(column.tolist() for column in edges), strict=True))
        found = networkx.community.fast_label_propagation_communities(graph, weight="weight", seed=SEED)
        return {"label": _labels(nodes, found)}

    return work


def leidenalg(folder: Path, resolution: float, iterations: int) -> Work:
    import igraph
    import leidenalg as leiden

    nodes, (a, b, weight) = _edges(folder)

    def work() -> dict[str, Any]:
        graph = igraph.Graph(nodes, np.stack([a, b], axis=1))
        found = leiden.find_partition(
            graph, leiden.RBConfigurationVertexPartition, weights=weight.tolist(), n_iterations=iterations, seed=SEED,
            resolution_parameter=resolution,
        )  # fmt: skip
        return {"label": found.membership}

    return work


def igraph_leiden(folder: Path, resolution: float, iterations: int) -> Work:
    import igraph

    nodes, (a, b, weight) = _edges(folder)

    def work() -> dict[str, Any]:
        graph = igraph.Graph(nodes, np.stack([a, b], axis=1))
        found = graph.community_leiden(
            "modularity", weights=weight.tolist(), resolution=resolution, n_iterations=iterations
        )
        return {"label": found.membership}

    return work


def _edges(folder: Path) -> tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    table = pq.read_table(folder / "edges.parquet")
    a, b, weight = (table[name].to_numpy() for name in ("a", "b", "weight"))
    return int(max(a.max(), b.max())) + 1, (a, b, weight)


def _labels(nodes: int, communities: Iterable[Iterable[int]]) -> np.ndarray:
    label = -1 - np.arange(nodes)  # who has no edge is alone
    for number, members in enumerate(communities):
        label[list(members)] = number
    return label
