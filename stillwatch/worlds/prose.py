"""Writes texts from a grammar straight into an Arrow buffer: one compiled loop, no Python object a row."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.worlds.grammar import SCOPES, Grammar

_DEPTH = 96  # nested phrases; the deepest shipped prompt uses about 20
_DECK = SCOPES.index("deck")
_TYPO_MIN = 40  # bytes; shorter texts are retyped rather than sent with a slip


@numba.njit(cache=True)
def _next(state):  # type: ignore[no-untyped-def]
    z = state + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit(cache=True)
def _below(number, bound):  # type: ignore[no-untyped-def]
    return np.int64((number >> np.uint64(11)) % np.uint64(bound))


@numba.njit(cache=True, nogil=True)
def _write(start, seeds, row, g, out, pos, keep, at, end, states, level):  # type: ignore[no-untyped-def]
    """Expand one text from `start`; returns where it ended. With keep false, only the length is found."""
    text, text_at, symbols, scope, bind, body_at, choice_at, low, high = g
    states[0] = _next(seeds[row, 1] ^ np.uint64(0x5851F42D4C957F2D))
    levels = 1  # random states in use
    top = 0
    name = start
    chosen = 0
    card = np.int64(-1)  # the alternative whose turn it is, where one is dealt
    fresh = True
    while True:
        if fresh:  # open `name` with random state `chosen`
            states[chosen] = _next(states[chosen] + np.uint64(1))
            if low[name] >= 0:
                value = low[name] + _below(states[chosen], high[name] - low[name] + 1)
                digits = 1
                power = 10
                while value >= power:
                    digits += 1
                    power *= 10
                if keep:
                    for i in range(digits):
                        out[pos + digits - 1 - i] = np.uint8(48 + value % 10)
                        value //= 10
                pos += digits
                if top == 0:
                    return pos
                levels = level[top - 1] + 1
            else:
                count = choice_at[name + 1] - choice_at[name]
                body = choice_at[name] + (card % count if card >= 0 else _below(states[chosen], count))
                at[top] = body_at[body]
                end[top] = body_at[body + 1]
                level[top] = chosen
                top += 1
            fresh = False
        if at[top - 1] == end[top - 1]:
            top -= 1
            if top == 0:
                return pos
            levels = level[top - 1] + 1  # states above it are free again
            continue
        place = at[top - 1]
        at[top - 1] += 1
        symbol = symbols[place]
        if symbol >= 0:
            size = text_at[symbol + 1] - text_at[symbol]
            if keep:
                out[pos : pos + size] = text[text_at[symbol] : text_at[symbol + 1]]
            pos += size
        else:
            name = -symbol - 1
            chosen = level[top - 1]
            card = np.int64(seeds[row, _DECK]) if scope[place] == _DECK else np.int64(-1)
            if scope[place] > 0:
                chosen = levels
                states[chosen] = _next(
                    seeds[row, scope[place]] + np.uint64(bind[place]) * np.uint64(0xD1342543DE82EF95)
                )
                levels += 1
            fresh = True


@numba.njit(cache=True, nogil=True)
def _lengths(starts, seeds, g):  # type: ignore[no-untyped-def]
    at, end = np.empty(96, np.int64), np.empty(96, np.int64)
    level, states = np.empty(96, np.int64), np.empty(96, np.uint64)
    offsets = np.zeros(len(starts) + 1, np.int64)
    nothing = np.empty(0, np.uint8)
    for row in range(len(starts)):
        size = 0
        if starts[row] >= 0:
            size = _write(starts[row], seeds, row, g, nothing, 0, False, at, end, states, level)
        offsets[row + 1] = offsets[row] + size
    return offsets


@numba.njit(cache=True, nogil=True)
def _fill(starts, seeds, g, offsets, out, typos):  # type: ignore[no-untyped-def]
    at, end = np.empty(96, np.int64), np.empty(96, np.int64)
    level, states = np.empty(96, np.int64), np.empty(96, np.uint64)
    for row in range(len(starts)):
        if starts[row] < 0:
            continue
        _write(starts[row], seeds, row, g, out, offsets[row], True, at, end, states, level)
        size = offsets[row + 1] - offsets[row]
        if typos[row] and size > _TYPO_MIN:  # two neighbouring lower-case letters change places
            draw = seeds[row, 1]
            for _ in range(typos[row]):
                draw = _next(draw)
                i = offsets[row] + _below(draw, size - 1)
                if 97 <= out[i] <= 122 and 97 <= out[i + 1] <= 122:
                    out[i], out[i + 1] = out[i + 1], out[i]


def seeds_for(rows: int, **scopes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The seed table of `texts`: one column a scope, zero where none is given."""
    table = np.zeros((rows, len(SCOPES)), np.uint64)
    for scope, values in scopes.items():
        table[:, SCOPES.index(scope)] = values
    return table


def texts(
    grammar: Grammar,
    starts: npt.NDArray[np.int64],
    seeds: npt.NDArray[np.uint64],
    typos: npt.NDArray[np.int64] | None = None,
) -> pa.StringArray:
    """One text a row, from the name in `starts`; a negative start is a null."""
    arrays = (grammar.text, grammar.text_at, grammar.symbols, grammar.scope, grammar.bind)
    compiled = (*arrays, grammar.body_at, grammar.choice_at, grammar.low, grammar.high)
    starts = np.ascontiguousarray(starts, np.int64)
    seeds = np.ascontiguousarray(seeds)
    offsets = _lengths(starts, seeds, compiled)
    out = np.empty(offsets[-1], np.uint8)
    _fill(starts, seeds, compiled, offsets, out, np.zeros(len(starts), np.int64) if typos is None else typos)
    null = starts < 0
    mask = pa.array(~null).buffers()[1] if null.any() else None
    data = [mask, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(out)]
    return pa.StringArray.from_buffers(len(starts), data[1], data[2], data[0], int(null.sum()))
