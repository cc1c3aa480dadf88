"""Evidence with numbers for its texts: what millions of rows are sorted, counted and paired by."""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit


@dataclass(frozen=True)
class Numbered:
    """Numbers follow the order of the texts, so that a table gives the same ones in whatever order its rows come. They have
    four bytes, as rows have: evidence is held in memory as a whole.
    """

    accounts: pa.Array  # names, in order
    keys: pa.Table  # kind and value, each pair once, in order
    account: np.ndarray  # of each row, its place in `accounts`
    kind: np.ndarray  # of each row, a number a kind
    value: np.ndarray  # of each row, its place in `keys`


def numbered(evidence: pa.Table) -> Numbered:
    """Every row's numbers."""
    accounts, account = _places(evidence["account_id"])
    kinds, kind = _places(evidence["kind"])
    texts, text = _places(evidence["value"])
    order = ordered(text, kind)
    new = begins(kind[order], text[order])
    value = np.empty(len(order), np.int32)
    value[order] = np.cumsum(new) - 1
    first = order[new]
    keys = pa.table({"kind": kinds.take(pa.array(kind[first])), "value": texts.take(pa.array(text[first]))})
    return Numbered(accounts, keys, account, kind, value)


def ordered(*columns: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """The order of rows by columns of small numbers, the last one first, as `np.lexsort` has it: equal ones stay as they
    come, or as they come in `start`, which may be some of the rows.
    """
    order = (np.arange(len(columns[0])) if start is None else start).astype(np.int32)
    for column in columns:
        order = _counted(order, column, int(column.max(initial=-1)) + 1)
    return order


def begins(*columns: np.ndarray) -> np.ndarray:
    """Of sorted rows: whether each differs from the one before."""
    new = np.ones(len(columns[0]), bool)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return new


def _places(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """The distinct texts in order, and of each row the place of its own."""
    coded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(coded.dictionary)
    place = np.empty(len(order), np.int32)
    place[order.to_numpy()] = np.arange(len(order))
    return coded.dictionary.take(order), place[coded.indices.to_numpy()]


@njit(cache=True, nogil=True)
def _counted(order, number, size):
    """`order`, sorted by a number from 0 to `size` each: by counting, which takes two looks at each row."""
    starts = np.zeros(size + 1, np.int64)
    for row in order:
        starts[number[row] + 1] += 1
    for one in range(size):
        starts[one + 1] += starts[one]
    out = np.empty_like(order)
    for row in order:
        out[starts[number[row]]] = row
        starts[number[row]] += 1
    return out
