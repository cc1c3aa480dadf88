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
from stillwatch.signals.lexicon import TAGS

MAX_SPANS = 8  # spans kept a text: enough to explain a hit, few enough to store for every exchange


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
    rows = len(texts)
    found = Matches(
        np.zeros((rows, len(TAGS)), np.float32),
        np.zeros(rows, np.int32),
        np.zeros(rows, np.int32),
        np.zeros((rows, MAX_SPANS), np.int16),
        np.zeros((rows, MAX_SPANS), np.int32),
        np.zeros((rows, MAX_SPANS), np.int16),
    )
    a = automaton
    _find_rows(
        offsets, data, max_bytes,
        a.one, a.two, a.word, a.table, a.accepting, a.phrase, a.shorter, a.symbols, a.starts, a.bounded, a.elicits,
        a.tag_starts, a.tags, a.weights,
        found.weights, found.count, found.eliciting, found.phrase, found.start, found.length,
    )  # fmt: skip
    return found


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


@njit(cache=True, nogil=True)
def _find_rows(
    offsets, data, max_bytes,
    one, two, word, table, accepting, phrase, shorter, symbols, starts, bounded, elicits,
    tag_starts, tags, weights,
    sums, counts, eliciting, span_phrase, span_start, span_length,
):  # fmt: skip
    first = np.uint64(accepting)
    seen = np.full(len(bounded), -1, np.int64)  # the last row a phrase was found in: it counts once a row
    firm = np.empty((MAX_SPANS, 3), np.int64)  # spans of eliciting phrases
    plain = np.empty((MAX_SPANS, 3), np.int64)  # spans of the others
    until = np.empty(sums.shape[1], np.int64)  # per tag: the end of the phrase that counted last
    heaviest = np.empty(sums.shape[1], np.float32)  # and the weight counted for it and for what overlaps it
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        n_firm = 0
        n_plain = 0
        until[:] = 0
        pieces = 1 if end - begin <= max_bytes else 2
        for piece in range(pieces):
            left, right = begin, end
            state = np.uint64(BEFORE)
            if pieces == 2 and piece == 0:
                right = begin + max_bytes // 2
            elif piece == 1:
                left = end - max_bytes // 2
                while left < end and (data[left] & 0xC0) == 0x80:  # not into the middle of a character
                    left += 1
                if _is_word(data, _back(data, left, begin), end, word):
                    state = np.uint64(INSIDE)
            i = left
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
                    since = _start(data, i, left, symbols, starts[hit], starts[hit + 1], one, two)
                    for entry in range(tag_starts[hit], tag_starts[hit + 1]):
                        tag, weight = tags[entry], weights[entry]
                        if since >= until[tag]:
                            sums[row, tag] += weight
                            heaviest[tag] = weight
                        elif weight > heaviest[tag]:
                            sums[row, tag] += weight - heaviest[tag]
                            heaviest[tag] = weight
                        until[tag] = i
                    if elicits[hit]:
                        if n_firm == MAX_SPANS:
                            continue
                        keep, slot = firm, n_firm
                        n_firm += 1
                    else:
                        if n_plain == MAX_SPANS:
                            continue
                        keep, slot = plain, n_plain
                        n_plain += 1
                    keep[slot, 0] = hit
                    keep[slot, 1] = since - begin
                    keep[slot, 2] = min(i - since, 32_767)  # a run of spaces can be longer than 16 bits
        kept = min(MAX_SPANS, n_firm + n_plain)
        for slot in range(kept):
            source, place = (firm, slot) if slot < n_firm else (plain, slot - n_firm)
            span_phrase[row, slot] = source[place, 0]
            span_start[row, slot] = source[place, 1]
            span_length[row, slot] = source[place, 2]
        counts[row] = kept
        eliciting[row] = n_firm


@njit(cache=True, nogil=True)
def _back(data, i, floor):
    """Where the character before position i begins; of characters of three bytes and more, the last byte."""
    if i - 2 >= floor and (data[i - 1] & 0xC0) == 0x80 and (data[i - 2] & 0xE0) == 0xC0:
        return i - 2
    return i - 1


@njit(cache=True, nogil=True)
def _class(data, i, end, one, two):
    if (data[i] & 0xE0) == 0xC0 and i + 1 < end:
        return two[((data[i] & 0x1F) << 6) | (data[i + 1] & 0x3F)]
    return one[data[i]]


@njit(cache=True, nogil=True)
def _is_word(data, i, end, word):
    """Is the character at position i a letter or digit of an alphabetic script?"""
    if data[i] < 0x80:
        return word[data[i]]
    if (data[i] & 0xE0) == 0xC0 and i + 1 < end:
        return word[((data[i] & 0x1F) << 6) | (data[i + 1] & 0x3F)]
    return False


@njit(cache=True, nogil=True)
def _start(data, i, floor, symbols, first, after, one, two):
    """Where the phrase that ends before position i begins: its symbols walked backwards, for runs have any length."""
    end = i
    for at in range(after - 1, first - 1, -1):
        i = _back(data, i, floor)
        symbol = symbols[at]
        if symbol in (SPACE, DIGIT):
            while i > floor:
                before = _back(data, i, floor)
                if _class(data, before, end, one, two) != symbol:
                    break
                i = before
    return i
