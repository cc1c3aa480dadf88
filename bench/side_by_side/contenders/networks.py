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
    from networkx.algorithms.community import louvain_communities

    return _in_networkx(
        folder, lambda graph: louvain_communities(graph, weight="weight", resolution=resolution, seed=SEED)
    )


def networkx_labels(folder: Path) -> Work:
    from networkx.algorithms.community import fast_label_propagation_communities

    return _in_networkx(folder, lambda graph: fast_label_propagation_communities(graph, weight="weight", seed=SEED))


def _in_networkx(folder: Path, find: Callable[[Any], Iterable[Iterable[int]]]) -> Work:
    """Communities that `find` makes of the graph; building it is part of the work."""
    import networkx

    nodes, edges = _edges(folder)

    def work() -> dict[str, Any]:
        graph = networkx.Graph()
        graph.add_weighted_edges_from(zip(*(column.tolist() for column in edges), strict=True))
        return {"label": _labels(nodes, find(graph))}

    return work


def leidenalg(folder: Path, resolution: float, iterations: int) -> Work:
    import leidenalg as leiden

    return _in_igraph(
        folder,
        lambda graph, weights: leiden.find_partition(
            graph, leiden.RBConfigurationVertexPartition, weights=weights, n_iterations=iterations, seed=SEED,
            resolution_parameter=resolution,
        ),
    )  # fmt: skip


def igraph_leiden(folder: Path, resolution: float, iterations: int) -> Work:
    return _in_igraph(
        folder,
        lambda graph, weights: graph.community_leiden(
            "modularity", weights=weights, resolution=resolution, n_iterations=iterations
        ),
    )


def _in_igraph(folder: Path, find: Callable[[Any, list[float]], Any]) -> Work:
    """Communities that `find` makes of the graph and its weights; building the graph is part of the work."""
    import igraph

    nodes, (a, b, weight) = _edges(folder)

    def work() -> dict[str, Any]:
        return {"label": find(igraph.Graph(nodes, np.stack([a, b], axis=1)), weight.tolist()).membership}

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
