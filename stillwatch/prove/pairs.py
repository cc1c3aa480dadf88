"""What a suspect says after which tokens: each context once, with the token that follows it most often.

A context that the suspect was shown in a question is left out: he may have taken from there what he says. Which token is taken,
and which contexts are left out, has nothing to do with any key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.safeguards.watermark.tokens import Tokens

Hashes = npt.NDArray[np.uint64]
Windows = npt.NDArray[np.uint32]  # a context in each row

_GOLDEN, _MULTIPLIER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)  # SplitMix64's
_SHIFT = np.uint64(29)


@dataclass(frozen=True)
class Pairs:
    """Contexts, each with the token after it."""

    contexts: Windows
    tokens: Tokens
    hashes: Hashes  # of contexts, rising
    read: int = 0  # tokens of all answers

    def __len__(self) -> int:
        return len(self.tokens)

    def among(self, contexts: Hashes) -> Pairs:
        """Those whose context is one of these."""
        kept = np.isin(self.hashes, contexts)
        return Pairs(self.contexts[kept], self.tokens[kept], self.hashes[kept], self.read)


class Heard:
    """Gathers what is said, answer by answer."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._parts: list[tuple[Windows, Tokens, Hashes]] = []
        self._read = 0

    def add(self, shown: Tokens, answer: Tokens) -> None:
        """An answer, and everything that was shown before it."""
        self._read += len(answer)
        if len(answer) <= self._window:  # what the first tokens follow nobody knows: templates of chats stand between
            return
        contexts, tokens = windows(answer[:-1], self._window), answer[self._window :]
        hashes = hashed(contexts)
        new = ~np.isin(hashes, hashed(windows(shown, self._window)))
        if new.any():
            self._parts.append((contexts[new], tokens[new], hashes[new]))

    def pairs(self) -> Pairs:
        """Of all that was added."""
        if not self._parts:
            return Pairs(
                np.empty((0, self._window), np.uint32), np.empty(0, np.uint32), np.empty(0, np.uint64), self._read
            )
        contexts, tokens, hashes = (np.concatenate([one[at] for one in self._parts]) for at in range(3))
        order = np.lexsort((tokens, hashes))
        hashes, tokens = hashes[order], tokens[order]
        begins = np.flatnonzero(np.r_[True, (hashes[1:] != hashes[:-1]) | (tokens[1:] != tokens[:-1])])
        times = np.diff(np.r_[begins, len(tokens)])
        best = np.lexsort((-times, hashes[begins]))  # most frequent first; of equals the smaller token stands first
        firsts = best[np.r_[True, hashes[begins][best][1:] != hashes[begins][best][:-1]]]
        kept = begins[firsts]
        return Pairs(contexts[order][kept], tokens[kept], hashes[kept], self._read)


def contexts_of(answers: Iterable[Tokens], window: int) -> Hashes:
    """Contexts of served answers, rising, each once."""
    parts = [hashed(windows(one[:-1], window)) for one in answers if len(one) > window]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)


def windows(tokens: Tokens, window: int) -> Windows:
    """All contexts of this length in a text."""
    if len(tokens) < window:
        return np.empty((0, window), np.uint32)
    return np.lib.stride_tricks.sliding_window_view(tokens, window)


def hashed(contexts: Windows) -> Hashes:
    """64 bits of each, so that a million contexts are held apart but for one chance in ten million."""
    state = np.zeros(len(contexts), np.uint64)
    for column in range(contexts.shape[1]):
        state = (state ^ contexts[:, column]) * _MULTIPLIER + _GOLDEN  # wraps
        state ^= state >> _SHIFT
    return state
