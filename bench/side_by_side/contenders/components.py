"""The simple baseline: whatever is connected is one group, whether by values that no crowd holds or by links of any weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import scipy.sparse as sparse
from scipy.sparse.csgraph import connected_components

Work = Callable[[], Any]


def linkage(folder: Path, blocks: Sequence[str]) -> Work:
    """Of the values that pairs are made of for Splink, without our crowds."""
    table = pq.read_table(folder / "uncrowded.parquet", columns=["account_id", *blocks])

    def work() -> dict[str, Any]:
        rows, values, first = [], [], 0
        for name in blocks:
            column = table[name].combine_chunks()
            row = np.arange(len(table))
            if pa.types.is_list(column.type):
                row, column = pc.list_parent_indices(column).to_numpy(), pc.list_flatten(column)
            code = pc.fill_null(column.dictionary_encode().indices, -1).to_numpy().astype(np.int64)
            rows.append(row[code >= 0])
            values.append(code[code >= 0] + first)
            first += int(code.max(initial=-1)) + 1
        row, value = np.concatenate(rows), np.concatenate(values)
        held = sparse.coo_matrix((np.ones(len(row)), (row, value + len(table))), (len(table) + first,) * 2)
        return {"account_id": table["account_id"], "label": connected_components(held, False)[1][: len(table)]}

    return work


def clustering(folder: Path) -> Work:
    edges = pq.read_table(folder / "edges.parquet")
    a, b = edges["a"].to_numpy(), edges["b"].to_numpy()
    nodes = int(max(a.max(), b.max())) + 1

    def work() -> dict[str, Any]:
        graph = sparse.coo_matrix((np.ones(len(a)), (a, b)), (nodes, nodes))
        return {"label": connected_components(graph, False)[1]}

    return work
