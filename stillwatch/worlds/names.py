"""Ids as text: one form for everybody, made from 64-bit numbers that carry no order and no group."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.worlds.dice import U64, mix

_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def ids(prefix: str, keys: U64, salt: str, null_zero: bool = True) -> pa.StringArray:
    """`prefix` and sixteen hexadecimal digits a key; key 0 is a null unless told otherwise."""
    size = len(keys)
    numbers = mix(keys, salt)
    head = np.frombuffer(prefix.encode(), np.uint8)
    width = len(head) + 16
    out = np.empty((size, width), np.uint8)
    out[:, : len(head)] = head
    octets = numbers.astype(">u8").view(np.uint8).reshape(size, 8)
    out[:, len(head) :: 2] = _DIGITS[octets >> 4]
    out[:, len(head) + 1 :: 2] = _DIGITS[octets & 15]
    offsets = pa.py_buffer(np.arange(0, (size + 1) * width, width, dtype=np.int32))
    present = np.asarray(keys) != 0
    absent = int(size - present.sum()) if null_zero else 0
    mask = pa.array(present).buffers()[1] if absent else None
    return pa.StringArray.from_buffers(size, offsets, pa.py_buffer(out), mask, absent)
