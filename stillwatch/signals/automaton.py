"""The lexicon as one automaton: a table that goes through a text character by character and meets every phrase.

Aho-Corasick (Aho, Corasick, "Efficient string matching", CACM 1975) made dense: one look-up a character. Three things
are built into the table, so that the loop over a text need not test for them:
- folding: capitals, accents, ё and е, hyphens and spaces, runs of spaces, runs of digits (see lexicon.py);
- word starts: there are two start states, one after a letter or digit and one after anything else, and a phrase that
  begins with a letter hangs under the second only. Within ordinary words the automaton rests in the first;
- small alphabets: characters that no phrase uses share a class. Characters of one and two bytes are looked up whole;
  of longer ones (Chinese, Japanese, Korean, symbols) every byte is a symbol, and none needs a word boundary.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from stillwatch.errors import BadConfiguration
from stillwatch.signals.lexicon import FOLDER, THREE_BYTES, Lexicon, fold, spell

ROW = 224  # entries a row, used or not: 7 cache lines; with an even number the hot lines of rows evict one another
MAX_STATES = 65_536  # a state is a number of 16 bits

OTHER, LETTER, SPACE, DIGIT = 0, 1, 2, 3  # classes that are always there; the characters of phrases follow
INSIDE, BEFORE = 0, 1  # start states: after a letter or digit, and after anything else


@dataclass(frozen=True)
class Automaton:
    """The lexicon, compiled."""

    one: np.ndarray  # uint8[256]: class of a byte
    two: np.ndarray  # uint8[2048]: class of a code point of two bytes
    word: np.ndarray  # bool[2048]: code points that are letters or digits
    table: np.ndarray  # uint16[states * ROW]: the next state
    accepting: int  # states from here on have a phrase that ends in them
    phrase: np.ndarray  # int32[states]: the phrase that ends here, or -1
    shorter: np.ndarray  # int32[states]: the state of the next shorter phrase that ends here too, or -1
    symbols: np.ndarray  # uint8: classes of all phrases, one after the other
    starts: np.ndarray  # int32[phrases + 1]: where each begins in `symbols`
    bounded: np.ndarray  # bool[phrases]: must not be followed by a letter or digit
    elicits: np.ndarray  # bool[phrases]: its spans come first
    tag_starts: np.ndarray  # int32[phrases + 1]: where the tags of each begin in `tags`
    tags: np.ndarray  # int8: position in lexicon.TAGS
    weights: np.ndarray  # float32: one per entry of `tags`


def build(lexicon: Lexicon) -> Automaton:
    """The automaton for a lexicon; some tens of milliseconds, once per process."""
    spelled = [spell(phrase.text.removesuffix("*")) for phrase in lexicon.phrases]
    used = sorted({symbol for symbols in spelled for symbol in symbols} - {" ", "0"}, key=_hot_first)
    number: dict[str | int, int] = {" ": SPACE, "0": DIGIT}
    number |= {symbol: DIGIT + 1 + i for i, symbol in enumerate(used)}
    one, two, word = _classes(number)
    is_word = np.array([False, True, False, True] + [isinstance(s, str) and s.isalnum() for s in used])
    coded = [[number[symbol] for symbol in symbols] for symbols in spelled]
    starts = np.cumsum([0] + [len(symbols) for symbols in coded]).astype(np.int32)
    symbols = np.array([code for symbols in coded for code in symbols], np.uint8)
    if len(is_word) > ROW:
        raise BadConfiguration(f"phrases use {len(is_word)} different characters", str(FOLDER), f"at most {ROW}")
    table, phrase, shorter, accepting = _table(symbols, starts, is_word)
    if len(phrase) > MAX_STATES:
        raise BadConfiguration(f"phrases with {len(phrase)} beginnings", str(FOLDER), f"at most {MAX_STATES}")
    tag_starts = np.cumsum([0] + [len(entry.weights) for entry in lexicon.phrases]).astype(np.int32)
    tags = np.array([tag for entry in lexicon.phrases for tag, _ in entry.weights], np.int8)
    weights = np.array([weight for entry in lexicon.phrases for _, weight in entry.weights], np.float32)
    bounded = [
        bool(is_word[codes[-1]]) and not entry.text.endswith("*")
        for codes, entry in zip(coded, lexicon.phrases, strict=True)
    ]
    elicits = np.array([entry.elicits for entry in lexicon.phrases], np.bool_)
    return Automaton(
        one, two, word, table, accepting, phrase, shorter, symbols, starts, np.array(bounded, np.bool_), elicits,
        tag_starts, tags, weights,
    )  # fmt: skip


def _hot_first(symbol: str | int) -> tuple[int, str | int]:
    """Latin letters, then Cyrillic ones, then the rest: what runs of text need stands together in a row."""
    if isinstance(symbol, int):
        return 3, symbol
    return (0 if symbol.isascii() and symbol.isalpha() else 1 if symbol.isalpha() else 2), symbol


def _classes(number: dict[str | int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    two = np.zeros(THREE_BYTES, np.uint8)
    word = np.zeros(THREE_BYTES, np.bool_)
    for point in range(THREE_BYTES):
        character = chr(point)
        word[point] = character.isalnum()
        two[point] = number.get(fold(character), LETTER if word[point] else OTHER)
    one = np.zeros(256, np.uint8)
    one[:128] = two[:128]
    for byte in range(128, 256):
        one[byte] = number.get(byte, OTHER)
    return one, two, word


@njit(cache=True)
def _table(symbols, starts, is_word):
    """The dense table, by breadth first search: a state's row is that of its longest proper suffix, plus its children.

    States are numbered as the search meets them, but those where a phrase ends come last: one comparison finds a match,
    and the short beginnings, where most texts stay, lie together.
    """
    classes = len(is_word)
    most = len(symbols) + 2
    children = np.full((most, classes), -1, np.int32)
    last = np.full(most, -1, np.int32)  # the symbol a state's text ends with
    phrase = np.full(most, -1, np.int32)
    states = 2
    for one in range(len(starts) - 1):
        state = BEFORE if is_word[symbols[starts[one]]] else INSIDE
        for at in range(starts[one], starts[one + 1]):
            symbol = symbols[at]
            if children[state, symbol] < 0:
                children[state, symbol] = states
                last[states] = symbol
                states += 1
            state = children[state, symbol]
        phrase[state] = one
    suffix = np.zeros(states, np.int32)
    shorter = np.full(states, -1, np.int32)
    queue = np.empty(states, np.int32)
    queue[0], queue[1] = INSIDE, BEFORE
    ready, done = 2, 0
    rows = np.empty((states, classes), np.int32)
    while done < ready:
        state = int(queue[done])
        done += 1
        if state == INSIDE:
            for symbol in range(classes):
                rows[state, symbol] = INSIDE if is_word[symbol] else BEFORE
        else:
            rows[state] = rows[suffix[state]]
        for symbol in range(classes):
            child = children[state, symbol]
            if child < 0:
                continue
            # rows[state] still holds what the suffix would do; at the start states that is the other start state
            suffix[child] = rows[state, symbol]
            rows[state, symbol] = child
            up = suffix[child]
            shorter[child] = up if phrase[up] >= 0 else shorter[up]
            queue[ready] = child
            ready += 1
        if last[state] in (SPACE, DIGIT):
            rows[state, last[state]] = state  # a run of spaces or of digits is one
    order = np.empty(states, np.int64)
    ends = (phrase[:states] >= 0) | (shorter >= 0)
    accepting = states - np.count_nonzero(ends)
    free = np.array([0, accepting])  # the next number for a state where none ends, and for one where a phrase does
    for met in queue:
        order[met] = free[int(ends[met])]
        free[int(ends[met])] += 1
    table = np.zeros(states * ROW, np.uint16)
    phrase_at = np.empty(states, np.int32)
    shorter_at = np.empty(states, np.int32)
    for state in range(states):
        phrase_at[order[state]] = phrase[state]
        shorter_at[order[state]] = order[shorter[state]] if shorter[state] >= 0 else -1
        for symbol in range(classes):
            table[order[state] * ROW + symbol] = order[rows[state, symbol]]
    return table, phrase_at, shorter_at, accepting
