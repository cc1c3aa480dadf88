"""Leiden over a weighted graph, the same every time."""

from __future__ import annotations

import networkit
import numpy as np

from stillwatch.config import Clusters


def communities(nodes: int, a: np.ndarray, b: np.ndarray, weight: np.ndarray, config: Clusters) -> np.ndarray:
    """The community of each node, numbered from 0; a node without a tie is one of its own."""
    networkit.engineering.setNumberOfThreads(1)
    networkit.engineering.setSeed(1, False)
    graph = networkit.GraphFromCoo((weight, (a, b)), n=nodes, weighted=True, directed=False)
    leiden = networkit.community.ParallelLeiden(
        graph, randomize=False, iterations=config.iterations, gamma=config.resolution
    )
    leiden.run()
    return np.unique(np.asarray(leiden.getPartition().getVector()), return_inverse=True)[1]
