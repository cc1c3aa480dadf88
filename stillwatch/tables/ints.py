"""Lists of whole numbers as bytes: Parquet takes a list apart into its values, and that was half the time of writing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

INTS = pa.binary()  # int32 values one after the other, little-endian
_INT = np.dtype("<i4")


def packed(ends: np.ndarray, values: np.ndarray) -> pa.BinaryArray:
    """One list a row from all values and where each row's end (int32, rows + 1, from 0)."""
    places = (ends.astype(np.int32) * np.int32(_INT.itemsize)).astype(np.int32)
    data = np.ascontiguousarray(values, _INT)
    return pa.BinaryArray.from_buffers(INTS, len(ends) - 1, [None, pa.py_buffer(places), pa.py_buffer(data)])


def unpacked(lists: pa.BinaryArray) -> tuple[np.ndarray, np.ndarray]:
    """Where each row's values end (int32, rows + 1, from 0), and all values. No list may be null."""
    _, places, data = lists.buffers()
    if not len(lists) or places is None or data is None:
        return np.zeros(len(lists) + 1, np.int32), np.zeros(0, np.int32)
    bounds = np.frombuffer(places, np.int32)[lists.offset : lists.offset + len(lists) + 1]
    return (bounds - bounds[0]) // _INT.itemsize, np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]].view(_INT)
