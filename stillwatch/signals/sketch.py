"""Fingerprints that survive a varying slot anywhere in a text: winnowed word shingles.

A long variable part adds fingerprints of its own but never removes those of the fixed part, so a template is found
by the fingerprints its users share, however long the slot is (one MinHash of the whole text would drown in it).
Winnowing: Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003:
every run of `window + shingle_words - 1` words shared by two texts gives them a fingerprint in common.

Words are runs of letters and digits, folded to lower case; a run of digits counts as one symbol, because numbers are
slots more often than not; a Chinese or Japanese character is a word, taken together with the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit

from stillwatch.config import Text
from stillwatch.signals.buffers import buffers
from stillwatch.tables import packed

# Classes of the 128 ASCII bytes: 0 separator, 1 digit, else the folded letter itself.
_ASCII = np.zeros(128, np.uint8)
_ASCII[ord("0") : ord("9") + 1] = 1
for _letter in range(26):
    _ASCII[ord("a") + _letter] = _ASCII[ord("A") + _letter] = ord("a") + _letter

_OFFSET = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bit
_PRIME = np.uint64(0x100000001B3)
_MIX1 = np.uint64(0xFF51AFD7ED558CCD)  # finaliser of MurmurHash3
_MIX2 = np.uint64(0xC4CEB9FE1A85EC53)
_BASE = np.uint64(0x9E3779B97F4A7C15)  # base of the rolling shingle hash: odd, well spread
_DIGITS = np.uint64(0x30)  # what a run of digits counts as
_LOW = np.uint64(0xFFFFFFFF)  # the half of a hash that is kept
_GAP = b"  "  # longer than an odd number of bytes leaves over when it is halved
_RING = 64  # longest shingle or window, words; a power of two


@dataclass(frozen=True)
class Sketches:
    """One row per text."""

    hash: np.ndarray  # int64: equal for texts of equal words
    sketch: pa.BinaryArray  # winnowed shingles, in order of place: int32 values one after the other
    bytes: np.ndarray  # int32: length of the text, bytes of UTF-8


def sketches(texts: pa.Array, config: Text) -> Sketches:
    """Fingerprint every text of an Arrow string array; a null counts as an empty text."""
    offsets, data = buffers(texts)
    rows = len(texts)
    hashes = np.empty(rows, np.int64)
    values = np.empty(rows * config.max_sketch, np.int32)
    ends = np.empty(rows + 1, np.int32)
    used = _sketch_rows(
        offsets, data, _ASCII, config.shingle_words, config.window, config.max_sketch, config.max_bytes,
        hashes, values, ends,
    )  # fmt: skip
    return Sketches(hashes, packed(ends, values[:used].copy()), np.diff(offsets).astype(np.int32))


def sketch(text: str, config: Text) -> np.ndarray:
    """The fingerprints of one text, as `sketches` has them; of a long one no more is encoded than is read."""
    data = _read_of(text, config.max_bytes)
    values = np.empty(config.max_sketch, np.int32)
    used = _sketch_rows(
        np.array([0, len(data)], np.int64), np.frombuffer(data, np.uint8), _ASCII,
        config.shingle_words, config.window, config.max_sketch, config.max_bytes,
        np.empty(1, np.int64), values, np.empty(2, np.int32),
    )  # fmt: skip
    values.flags.writeable = False  # as those of a batch are: one compiled kernel serves both
    return values[:used]


def _read_of(text: str, max_bytes: int) -> bytes:
    """Of a text longer than is read, both ends with a gap between them: it is read as the whole text would be."""
    if len(text) <= max_bytes:
        return text.encode("utf-8", "replace")  # of half an emoji, which JSON may hold
    half = max_bytes // 2
    head = text[:half].encode("utf-8", "replace")[:half]
    tail = text[len(text) - half :].encode("utf-8", "replace")
    return head + _GAP + tail[len(tail) - half :]


@njit(cache=True, nogil=True)
def _mix(value: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(33)
    value *= _MIX1
    value ^= value >> np.uint64(33)
    value *= _MIX2
    value ^= value >> np.uint64(33)
    return value


@njit(cache=True, nogil=True)
def _sketch_rows(
    offsets: np.ndarray,
    data: np.ndarray,
    ascii_class: np.ndarray,
    k: int,
    window: int,
    max_sketch: int,
    max_bytes: int,
    hashes: np.ndarray,
    values: np.ndarray,
    ends: np.ndarray,
) -> int:
    """Fill hashes, values and ends, row by row; returns how many values there are."""
    rows = len(offsets) - 1
    buffer = np.empty(max_bytes + 2, np.int32)  # never more fingerprints than bytes
    used = 0
    ends[0] = 0
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        whole = _OFFSET ^ np.uint64(end - start)
        count = 0
        if end - start <= max_bytes:
            whole, count = _scan(data, start, end, ascii_class, k, window, whole, buffer, count)
        else:
            half = max_bytes // 2
            whole, count = _scan(data, start, start + half, ascii_class, k, window, whole, buffer, count)
            tail = end - half
            while tail < end and (data[tail] & 0xC0) == 0x80:  # not into the middle of a character
                tail += 1
            whole, count = _scan(data, tail, end, ascii_class, k, window, whole, buffer, count)
        hashes[row] = np.int64(_mix(whole))
        if count <= max_sketch:
            for i in range(count):
                values[used + i] = buffer[i]
            used += count
        else:
            head = max_sketch // 2
            for i in range(head):
                values[used + i] = buffer[i]
            for i in range(max_sketch - head):
                values[used + head + i] = buffer[count - (max_sketch - head) + i]
            used += max_sketch
        ends[row + 1] = used
    return used


@njit(cache=True, nogil=True)
def _scan(
    data: np.ndarray,
    start: int,
    end: int,
    ascii_class: np.ndarray,
    k: int,
    window: int,
    whole: np.uint64,
    buffer: np.ndarray,
    count: int,
) -> tuple[np.uint64, int]:
    """Fingerprints of data[start:end] appended to buffer; returns the running hash of the words and the new count."""
    words = np.empty(_RING, np.uint64)  # the last words' hashes, a ring
    shingles = np.empty(_RING, np.uint64)  # the last shingles' hashes, a ring
    n_words = 0
    n_shingles = 0
    best = np.uint64(0)
    best_at = -1
    top = np.uint64(1)  # base ** k
    for _ in range(k):
        top *= _BASE
    rolling = np.uint64(0)
    word = _OFFSET
    inside = False
    digits = False
    ideograph = np.uint64(0)  # the ideograph before, when the last character was one
    i = start
    while i <= end:
        symbol = np.uint64(0)  # folded letter; 0 ends a word
        is_ideograph = False
        if i == end:
            i += 1
        else:
            byte = data[i]
            if byte < 0x80:
                kind = ascii_class[byte]
                i += 1
                if kind == 1:
                    whole = (whole ^ np.uint64(byte)) * _PRIME
                    inside = True
                    if not digits:
                        word = (word ^ _DIGITS) * _PRIME
                        digits = True
                    continue
                if kind != 0:
                    word = (word ^ np.uint64(kind)) * _PRIME
                    inside = True
                    digits = False
                    continue
            else:
                point = 0
                if byte < 0xE0:
                    size = 2
                    point = byte & 0x1F
                elif byte < 0xF0:
                    size = 3
                    point = byte & 0x0F
                else:
                    size = 4
                    point = byte & 0x07
                for j in range(1, size):
                    if i + j < end:
                        point = (point << 6) | (data[i + j] & 0x3F)
                i += size
                if 0x3041 <= point <= 0x30FF or 0x3400 <= point <= 0x9FFF or 0x20000 <= point <= 0x3FFFF:
                    is_ideograph = True
                    symbol = np.uint64(point)
                elif _is_letter(point):
                    word = (word ^ np.uint64(_folded(point))) * _PRIME
                    inside = True
                    digits = False
                    continue
        # A word ended here, or an ideograph follows; at most two words are ready: the one ended, and the ideograph.
        for step in range(2):
            ready = False
            value = np.uint64(0)
            if step == 0:
                if inside:
                    value = word
                    ready = True
                    word = _OFFSET
                    inside = False
                    digits = False
                    ideograph = np.uint64(0)
            elif is_ideograph:
                value = (_OFFSET ^ ideograph) * _PRIME
                value = (value ^ symbol) * _PRIME
                ready = True
                ideograph = symbol
            if not ready:
                continue
            whole = (whole ^ value) * _PRIME
            slot = n_words & (_RING - 1)
            rolling = rolling * _BASE + value
            if n_words >= k:
                rolling -= words[(n_words - k) & (_RING - 1)] * top
            words[slot] = value
            n_words += 1
            if n_words < k:
                continue
            mixed = _mix(rolling)
            shingles[n_shingles & (_RING - 1)] = mixed
            n_shingles += 1
            last = n_shingles - 1
            if best_at < 0 or mixed <= best:
                best = mixed
                best_at = last
                if n_shingles >= window:
                    buffer[count] = np.int32(np.uint32(best & _LOW))
                    count += 1
            elif best_at <= last - window:
                best = shingles[(last - window + 1) & (_RING - 1)]
                best_at = last - window + 1
                for back in range(last - window + 2, last + 1):
                    if shingles[back & (_RING - 1)] <= best:
                        best = shingles[back & (_RING - 1)]
                        best_at = back
                buffer[count] = np.int32(np.uint32(best & _LOW))
                count += 1
            elif n_shingles == window:
                buffer[count] = np.int32(np.uint32(best & _LOW))
                count += 1
    if n_words > 0 and n_shingles < window:  # too short for one window: one fingerprint of what there is
        short = _mix(rolling) if n_shingles == 0 else best
        buffer[count] = np.int32(np.uint32(short & _LOW))
        count += 1
    return whole, count


@njit(cache=True, nogil=True)
def _is_letter(point: int) -> bool:
    """Anything from Latin-1 on that is not punctuation, a symbol or an emoji."""
    if point < 0xC0 or 0x2000 <= point <= 0x2BFF or 0x3000 <= point <= 0x303F:
        return False
    return not (0xFE00 <= point <= 0xFFFF or point >= 0x1F000)


@njit(cache=True, nogil=True)
def _folded(point: int) -> int:
    """Lower case, for Cyrillic and Latin-1."""
    if 0x0410 <= point <= 0x042F or (0xC0 <= point <= 0xDE and point != 0xD7):
        return point + 32
    return point + 80 if 0x0400 <= point <= 0x040F else point
