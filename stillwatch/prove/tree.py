"""A Merkle tree over served texts (RFC 6962, section 2.1): one hash for all, and a short path that shows one to be among them.

Whoever shows one customer's text to a court shows no other customer's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_LEAF, _NODE = b"\x00", b"\x01"  # so that no text can pass for a part of the tree


def leaf(data: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(_LEAF + data).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of all of them; of none, that of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


class Growing:
    """A tree that entries are added to, however many: holds one hash for each power of two in their number."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # heights, falling, each with the root of as large a tree

    def add(self, one: bytes) -> None:
        """Another leaf."""
        height = 0
        while self._peaks and self._peaks[-1][0] == height:
            one, height = _node(self._peaks.pop()[1], one), height + 1
        self._peaks.append((height, one))
        self.size += 1

    def root(self) -> bytes:
        """The hash of all leaves so far."""
        if not self._peaks:
            return root(())
        now = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            now = _node(left, now)
        return now


def path(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The hashes beside the way from one leaf to the root, lowest first (the standard's audit path)."""
    found, level = [], list(leaves)
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, place = _above(level), place // 2
    return found


def included(one: bytes, place: int, size: int, along: Sequence[bytes], top: bytes) -> bool:
    """Whether a leaf stands at this place among `size` under this root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    last, now, left = size - 1, one, list(along)
    while last:
        if place % 2 or place < last:
            if not left:
                return False
            beside = left.pop(0)
            now = _node(beside, now) if place % 2 else _node(now, beside)
        place, last = place // 2, last // 2
    return not left and now == top


def _above(level: list[bytes]) -> list[bytes]:
    """One without a neighbour goes up as it is, which is the standard's split at the largest power of two."""
    return [_node(*level[at : at + 2]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
