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
_DIGIT, _MARK = 1, 2  # what a byte is for the loop: all others are passed over without a branch
_KIND = np.zeros(256, np.uint8)
_KIND[ord("0") : ord("9") + 1] = _DIGIT
_KIND[[_NEWLINE, _UNDERSCORE, _BACKTICK]] = _MARK


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
    numbers = np.empty(rows, np.int32)
    lines = np.empty(rows, np.int32)
    code_lines = np.empty(rows, np.int32)
    names = np.empty(rows, np.int32)
    for row in range(rows):
        begin = offsets[row]
        end = min(offsets[row + 1], begin + max_bytes)
        digits = breaks = code = named = 0  # counted here and not in the arrays: those would be written once a byte
        before = 0  # what the byte before this one is
        line, last = begin, 0  # where this line begins, and the last byte before it that is not white space
        for i in range(begin, end):
            kind = _KIND[data[i]]
            digits += kind & ~before & _DIGIT
            before = kind
            if kind != _MARK:
                continue
            byte, after = data[i], data[i + 1] if i + 1 < end else _SPACE
            if byte == _NEWLINE:
                at = i - 1
                while at >= line and data[at] <= _SPACE:
                    at -= 1
                if at >= line:
                    last = data[at]
                line = i + 1
                breaks += 1
                code += last in _CODE_ENDS
            elif byte == _UNDERSCORE:
                named += _WORD[after] and i > begin and _WORD[data[i - 1]]
            else:
                named += _WORD[after] and not (i > begin and data[i - 1] == _BACKTICK)
        numbers[row], lines[row], code_lines[row], names[row] = digits, breaks + 1, code, named
    return numbers, lines, code_lines, names
