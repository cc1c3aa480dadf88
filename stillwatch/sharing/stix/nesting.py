"""How deep JSON is nested and how many values it has, counted in its bytes: before a parser allocates anything for it.

A parser keeps a frame for each open bracket and an object for each value. orjson refuses more than 1,024 brackets, json more
than Python's stack holds; neither bounds the values, and 30 MB of `[],[],…` are 700 MB of lists. Counting takes some 8 ms a
megabyte and room for one block.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_BLOCK = 1 << 20  # bytes looked at together
_QUOTE, _SLASH, _COMMA = b'"\\,'
_OPEN, _CLOSE = (91, 123), (93, 125)  # [ { and ] }


class Nesting(NamedTuple):
    """Of bytes that are JSON, exactly; of others, of what stands before the place where a parser would stop at."""

    depth: int
    values: int  # lists, objects, and what commas separate in them: no fewer than a parser would make, keys left out


def nesting(data: bytes) -> Nesting:
    """Brackets and commas outside strings. A string begins and ends with a quote that no backslash escapes."""
    depth = deepest = values = 0
    inside = escaped = False  # at the beginning of a block
    for start in range(0, len(data), _BLOCK):
        block = np.frombuffer(data, np.uint8, min(_BLOCK, len(data) - start), start)
        free, escaped = _unescaped(block, escaped)
        quotes = (block == _QUOTE) & free
        within = (np.cumsum(quotes, dtype=np.uint8) + np.uint8(inside)) & 1  # wraps at 256, which is even
        inside = bool(within[-1])
        outside = within == 0
        opened = ((block == _OPEN[0]) | (block == _OPEN[1])) & outside
        closed = ((block == _CLOSE[0]) | (block == _CLOSE[1])) & outside
        levels = np.cumsum(opened.astype(np.int32) - closed.astype(np.int32))
        deepest = max(deepest, depth + int(levels.max()))
        depth += int(levels[-1])
        values += int(opened.sum()) + int(((block == _COMMA) & outside).sum())
    return Nesting(deepest, values + 1)


def _unescaped(block: np.ndarray, escaped: bool) -> tuple[np.ndarray, bool]:
    """Which bytes follow no backslash that is itself unescaped; and whether the next block's first one does.

    Of a run of backslashes the first, third, … escape what follows.
    """
    free = np.ones(len(block) + 1, np.bool_)
    free[0] = not escaped
    places = np.flatnonzero(block == _SLASH)
    if len(places):
        order = np.arange(len(places))
        begins = np.r_[True, np.diff(places) > 1]
        ordinal = order - np.maximum.accumulate(np.where(begins, order, 0))
        if escaped and places[0] == 0:
            first_run = np.cumsum(begins) == 1
            ordinal += first_run
        free[places[ordinal % 2 == 0] + 1] = False
    return free[:-1], not free[-1]
