"""Lists of whole numbers survive being kept as bytes, whatever slice of them is read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.tables import packed, unpacked

NUMBERS = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6)


@given(st.lists(NUMBERS, max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_lists_come_back_from_any_slice(rows: list[list[int]], start: int, length: int) -> None:
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    whole = packed(ends, np.array([one for row in rows for one in row], np.int32))
    whole.validate(full=True)
    for lists, expected in ((whole, rows), (whole.slice(start, length), rows[start : start + length])):
        bounds, values = unpacked(lists)
        assert [values[a:b].tolist() for a, b in pairwise(bounds)] == expected


def test_no_rows() -> None:
    ends, values = unpacked(pa.array([], pa.binary()))
    assert ends.tolist() == [0] and len(values) == 0
