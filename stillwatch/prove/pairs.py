"""What a suspect says after which tokens: each context once, with the token that follows it most often.

A context that the suspect was shown in a question is left out: he may have taken from there what he says. Which token is taken,
and which contexts are left out, has nothing to do with any key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.safeguards.watermark.tokens import Tokens

Hashes = npt.NDArray[np.uint64]
Windows = npt.NDArray[np.uint32]  # a context in each row
Times = npt.NDArray[np.int64]

_GOLDEN, _MULTIPLIER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)  # SplitMix64's
_SHIFT = np.uint64(29)
_MOST_HELD = 4_000_000  # of what was said, before it is counted: some 150 MB


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


@dataclass(frozen=True)
class Counted:
    """Contexts and tokens after them, each with how often it was said: by hashes, rising, then by tokens."""

    contexts: Windows
    tokens: Tokens
    hashes: Hashes  # of contexts
    times: Times
    read: int = 0  # tokens of all answers

    def once(self) -> Pairs:
        """Each context with the token that follows it most often; of equals the smaller one."""
        best = np.lexsort((-self.times, self.hashes))
        kept = best[begins(self.hashes[best])]
        return Pairs(self.contexts[kept], self.tokens[kept], self.hashes[kept], self.read)

    def totals(self) -> Times:
        """How often the context of each was said."""
        first = begins(self.hashes)
        sums = np.add.reduceat(self.times, first) if len(first) else self.times
        return np.repeat(sums, np.diff(np.r_[first, len(self.hashes)]))


class Heard:
    """Gathers what is said, answer by answer; after some contexts alone, where they are given."""

    def __init__(self, window: int, among: Hashes | None = None) -> None:
        self._window, self._among = window, among
        self._parts: list[Counted] = []
        self._held = self._read = 0

    def add(self, shown: Tokens, answer: Tokens) -> None:
        """An answer, and everything that was shown before it."""
        self._read += len(answer)
        if len(answer) <= self._window:  # what the first tokens follow nobody knows: templates of chats stand between
            return
        contexts, tokens = windows(answer[:-1], self._window), answer[self._window :]
        hashes = hashed(contexts)
        new = ~np.isin(hashes, hashed(windows(shown, self._window)))
        if self._among is not None:
            new &= np.isin(hashes, self._among)
        if new.any():
            self._parts.append(Counted(contexts[new], tokens[new], hashes[new], np.ones(int(new.sum()), np.int64)))
            self._held += len(self._parts[-1].tokens)
        if self._held > _MOST_HELD:
            self._parts = [together(self._parts, self._window)]
            self._held = len(self._parts[0].tokens) // 2  # what is said for the first time may never be said again

    def counted(self) -> Counted:
        """All that was added."""
        return replace(together(self._parts, self._window), read=self._read)


def together(parts: Sequence[Counted], window: int) -> Counted:
    """The counts of several."""
    if not parts:
        nothing = np.empty(0, np.uint32)
        return Counted(np.empty((0, window), np.uint32), nothing, np.empty(0, np.uint64), np.empty(0, np.int64))
    hashes, tokens, times = (
        np.concatenate([getattr(one, name) for one in parts]) for name in ("hashes", "tokens", "times")
    )
    order = np.lexsort((tokens, hashes))
    hashes, tokens = hashes[order], tokens[order]
    first = begins(hashes, tokens)
    contexts = np.concatenate([one.contexts for one in parts])[order[first]]
    sums = np.add.reduceat(times[order], first) if len(first) else times
    return Counted(contexts, tokens[first], hashes[first], sums, sum(one.read for one in parts))


def begins(*columns: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where rows of equals begin, in columns in order."""
    if not len(columns[0]):
        return np.empty(0, np.int64)
    other = np.any([one[1:] != one[:-1] for one in columns], axis=0)
    return np.flatnonzero(np.r_[True, other])


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
