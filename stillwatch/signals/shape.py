"""What the mere look of a prompt adds to its capabilities: numbers to calculate with, and lines or names of code.

When an innocent account shows it too: every worked exercise has numbers and every programmer pastes code. Never enough
for a tag alone: a word of the lexicon must stand beside it.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numba import njit

from stillwatch.evidence import CAPABILITIES
from stillwatch.signals.buffers import buffers

NUMBERS_WEIGHT = 0.5  # with one word of a quantity, a problem to solve
MIN_NUMBERS = 2  # one number is a year or a count of answers wanted
CODE_WEIGHT = 0.7  # with one weak word of programming, code
MIN_CODE_LINES = 2  # one line that ends with a semicolon is punctuation
CODE_LINE_SHARE = 0.2  # of all lines: prose with a few brackets stays below

_CODE_ENDS = tuple(ord(mark) for mark in ";{})")  # what lines of code end with
_NEWLINE, _SPACE, _UNDERSCORE, _BACKTICK = (ord(mark) for mark in "\n _`")
_WORD = np.array([chr(byte).isalnum() and byte < 128 for byte in range(256)])


def shape(prompt: pa.Array, max_bytes: int) -> np.ndarray:
    """Strength of every capability (float32[rows, capabilities]) from the first `max_bytes` of each prompt."""
    offsets, data = buffers(prompt)
    numbers, lines, code_lines, names = _counts(offsets, data, max_bytes)
    strength = np.zeros((len(prompt), len(CAPABILITIES)), np.float32)
    strength[numbers >= MIN_NUMBERS, CAPABILITIES.index("reasoning")] = NUMBERS_WEIGHT
    has_lines = (code_lines >= MIN_CODE_LINES) & (code_lines >= CODE_LINE_SHARE * lines)
    strength[has_lines | (names > 0), CAPABILITIES.index("coding")] = CODE_WEIGHT
    return strength


@njit(cache=True, nogil=True)
def _counts(offsets, data, max_bytes):
    """Per text: numbers, lines, lines that end like code, and names_like_this or `this`."""
    rows = len(offsets) - 1
    numbers = np.zeros(rows, np.int32)
    lines = np.ones(rows, np.int32)
    code_lines = np.zeros(rows, np.int32)
    names = np.zeros(rows, np.int32)
    for row in range(rows):
        begin = offsets[row]
        end = min(offsets[row + 1], begin + max_bytes)
        in_number = False
        last = 0  # last byte that is not white space
        before, earlier = 0, 0  # the two bytes before this one
        for i in range(begin, end):
            byte = data[i]
            digit = 48 <= byte <= 57
            numbers[row] += digit and not in_number
            in_number = digit
            if byte == _NEWLINE:
                lines[row] += 1
                code_lines[row] += last in _CODE_ENDS
            if byte > _SPACE:
                last = byte
            if before == _UNDERSCORE:
                names[row] += _WORD[byte] and _WORD[earlier]
            elif before == _BACKTICK:
                names[row] += _WORD[byte] and earlier != _BACKTICK
            earlier = before
            before = byte
    return numbers, lines, code_lines, names
