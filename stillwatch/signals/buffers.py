"""The bytes behind an Arrow string array, for kernels that read texts without a Python object a row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def buffers(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Offsets (int64, rows + 1) and bytes (uint8) behind an Arrow string array; a null counts as an empty text."""
    if pa.types.is_null(texts.type):
        return np.zeros(len(texts) + 1, np.int64), np.zeros(0, np.uint8)
    if texts.null_count:
        texts = texts.fill_null("")
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets, data = texts.buffers()
    if offsets is None or len(texts) == 0:
        return np.zeros(len(texts) + 1, np.int64), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    return bounds, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
