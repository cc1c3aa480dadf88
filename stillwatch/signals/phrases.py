"""Every phrase of the lexicon that occurs in a text, all of them searched for at once.

Over the Arrow buffers, no Python object per row; automaton.py says how phrases and texts are folded.
A phrase counts once a text, however often it occurs, and phrases that overlap count as the heaviest of them: "think
step by step" is not two requests because "step by step" is a phrase of its own.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit

from stillwatch.signals.automaton import BEFORE, DIGIT, INSIDE, ROW, SPACE, Automaton
from stillwatch.signals.buffers import buffers
from stillwatch.signals.lexicon import TAGS

_BLOCK = 256  # texts a turn: few enough that their hits are looked at while the text is still in the cache
MAX_SPANS = 8  # spans kept a text: enough to explain a hit


@dataclass(frozen=True)
class Matches:
    """One row per text."""

    weights: np.ndarray  # float32[rows, tags]: sums over the phrases found
    count: np.ndarray  # int32[rows]: spans kept
    eliciting: np.ndarray  # int32[rows]: how many of them, at the front, elicit
    phrase: np.ndarray  # int16[rows, MAX_SPANS]
    start: np.ndarray  # int32[rows, MAX_SPANS]: byte offset in the text
    length: np.ndarray  # int16[rows, MAX_SPANS]: bytes


def find(texts: pa.Array, automaton: Automaton, max_bytes: int) -> Matches:
    """The phrases in each text of an Arrow string array; of a long text, `max_bytes` are read, half from each end."""
    offsets, data = buffers(texts)
    rows, a = len(texts), automaton
    found = Matches(
        np.zeros((rows, len(TAGS)), np.float32),
        np.zeros(rows, np.int32),
        np.zeros(rows, np.int32),
        np.zeros((rows, MAX_SPANS), np.int16),
        np.zeros((rows, MAX_SPANS), np.int32),
        np.zeros((rows, MAX_SPANS), np.int16),
    )
    _find(
        offsets, data, max_bytes,
        a.one, a.two, a.word, a.table, a.accepting, a.phrase, a.shorter, a.bounded,
        a.symbols, a.starts, a.elicits, a.tag_starts, a.tags, a.weights,
        found.weights, found.count, found.eliciting, found.phrase, found.start, found.length,
    )  # fmt: skip
    return found


@njit(cache=True, nogil=True)
def _find(
    offsets, data, max_bytes,
    one, two, word, table, accepting, phrase, shorter, bounded,
    symbols, starts, elicits, tag_starts, tags, weights,
    sums, counts, eliciting, phrases, places, lengths,
):  # fmt: skip
    for since in range(0, len(counts), _BLOCK):
        until = min(since + _BLOCK, len(counts))
        block = offsets[since : until + 1]
        hits, stops, bounds = _scan(
            block, data, max_bytes, one, two, word, table, accepting, phrase, shorter, bounded
        )  # fmt: skip
        _weigh(
            block, data, hits, stops, bounds, one, two, symbols, starts, elicits, tag_starts, tags, weights,
            sums[since:until], counts[since:until], eliciting[since:until],
            phrases[since:until], places[since:until], lengths[since:until],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _scan(offsets, data, max_bytes, one, two, word, table, accepting, phrase, shorter, bounded):
    """The distinct phrases of each text in order of place: their numbers, where they end, how many up to each text.

    Only this loop sees every byte; whatever concerns the few hits waits for `_weigh`.
    """
    first = np.uint64(accepting)
    seen = np.full(len(bounded), -1, np.int64)  # the last row a phrase was found in: it counts once a row
    hits = np.empty(len(offsets) * MAX_SPANS + len(bounded), np.int32)
    stops = np.empty(len(hits), np.int64)
    bounds = np.zeros(len(offsets), np.int64)
    used = 0
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        if len(hits) - used < len(bounded):  # no row has more hits than there are phrases
            hits = np.concatenate((hits, np.empty(len(hits), np.int32)))
            stops = np.concatenate((stops, np.empty(len(stops), np.int64)))
        pieces = 1 if end - begin <= max_bytes else 2
        for piece in range(pieces):
            i, right = begin, end
            state = np.uint64(BEFORE)
            if pieces == 2 and piece == 0:
                right = begin + max_bytes // 2
            elif piece == 1:
                i = end - max_bytes // 2
                while i < end and (data[i] & 0xC0) == 0x80:  # not into the middle of a character
                    i += 1
                if _is_word(data, _back(data, i, begin), end, word):
                    state = np.uint64(INSIDE)
            while i < right:
                byte = data[i]
                if (byte & 0xE0) == 0xC0 and i + 1 < right:
                    symbol = two[((byte & 0x1F) << 6) | (data[i + 1] & 0x3F)]
                    i += 2
                else:
                    symbol = one[byte]
                    i += 1
                # unsigned, so that no position is tested for being negative
                state = np.uint64(table[state * np.uint64(ROW) + np.uint64(symbol)])
                if state < first:
                    continue
                at = np.int64(state)
                while at >= 0:
                    hit = phrase[at]
                    at = shorter[at]
                    if hit < 0 or seen[hit] == row or (bounded[hit] and i < end and _is_word(data, i, end, word)):
                        continue
                    seen[hit] = row
                    hits[used] = hit
                    stops[used] = i
                    used += 1
        bounds[row + 1] = used
    return hits, stops, bounds


@njit(cache=True, nogil=True)
def _weigh(
    offsets, data, hits, stops, bounds, one, two, symbols, starts, elicits, tag_starts, tags, weights,
    sums, counts, eliciting, phrases, places, lengths,
):  # fmt: skip
    """Weights and spans of the hits."""
    until = np.empty(sums.shape[1], np.int64)  # per tag: the end of the phrase that counted last
    heaviest = np.empty(sums.shape[1], np.float32)  # and the weight counted for it and for what overlaps it
    for row in range(len(offsets) - 1):
        until[:] = 0
        firm = 0
        for at in range(bounds[row], bounds[row + 1]):
            firm += elicits[hits[at]]
        firm = min(firm, MAX_SPANS)
        slots = np.array([firm, 0])  # the next free slot of the others, and of the eliciting ones
        limits = (MAX_SPANS, firm)
        for at in range(bounds[row], bounds[row + 1]):
            hit, stop = hits[at], stops[at]
            start = _start(data, stop, offsets[row], symbols, starts[hit], starts[hit + 1], one, two)
            for entry in range(tag_starts[hit], tag_starts[hit + 1]):
                tag, weight = tags[entry], weights[entry]
                if start >= until[tag]:
                    sums[row, tag] += weight
                    heaviest[tag] = weight
                elif weight > heaviest[tag]:
                    sums[row, tag] += weight - heaviest[tag]
                    heaviest[tag] = weight
                until[tag] = stop
            kind = int(elicits[hit])
            slot = slots[kind]
            if slot < limits[kind]:
                slots[kind] += 1
                phrases[row, slot] = hit
                places[row, slot] = start - offsets[row]
                lengths[row, slot] = min(stop - start, 32_767)  # a run of spaces can be longer than 16 bits
        counts[row] = slots[0]
        eliciting[row] = firm


@njit(cache=True, nogil=True)
def _back(data, i, floor):
    """Where the character before position i begins; of characters of three bytes and more, the last byte."""
    if i - 2 >= floor and (data[i - 1] & 0xC0) == 0x80 and (data[i - 2] & 0xE0) == 0xC0:
        return i - 2
    return i - 1


@njit(cache=True, nogil=True)
def _is_word(data, i, end, word):
    """Is the character at position i a letter or digit of an alphabetic script?"""
    if data[i] < 0x80:
        return word[data[i]]
    if (data[i] & 0xE0) == 0xC0 and i + 1 < end:
        return word[((data[i] & 0x1F) << 6) | (data[i + 1] & 0x3F)]
    return False


@njit(cache=True, nogil=True)
def _start(data, stop, floor, symbols, first, after, one, two):
    """Where the phrase that ends before `stop` begins: its symbols walked backwards, for runs have any length."""
    at = after - 1
    i = stop
    while i > floor:
        low = i - 1  # the character before i is data[low:i]
        symbol = one[data[low]]
        if (data[low] & 0xC0) == 0x80 and low > floor and (data[low - 1] & 0xE0) == 0xC0:
            low -= 1
            symbol = two[((data[low] & 0x1F) << 6) | (data[low + 1] & 0x3F)]
        if at >= first and symbol == symbols[at]:
            at -= 1
        elif at + 1 == after or symbol != symbols[at + 1] or (symbol != SPACE and symbol != DIGIT):
            break  # neither the next symbol nor more of the same run
        i = low
    return i
