"""How long a tag must be, and how many entries stand where fewer are meant: what sizes tell."""

from __future__ import annotations

import math

LEAST = 1_024  # entries of anything that is sent: fewer would tell of single accounts, and make single questions cheap
FALSE_MATCHES = 2.0**-40  # expected in a whole epoch, over all that may be asked of the whole set
_STEPS = 8  # sizes between one power of two and the next: an eighth at most is filled in, and three bits are told
_SHORTEST_TAG, LONGEST_TAG = 8, 16


def padded(many: int) -> int:
    """The next size that is sent: 1,024, 1,152 … 2,048, 2,304 …"""
    if many <= LEAST:
        return LEAST
    step = 1 << ((many - 1).bit_length() - 1) >> int(math.log2(_STEPS))
    return -(-many // step) * step


def tag_bytes(entries: int, asked: int) -> int:
    """So many that `asked` questions to a set of so many entries give FALSE_MATCHES: 10 for 100,000 to a million."""
    bits = math.log2(max(entries, 1)) + math.log2(max(asked, 1)) - math.log2(FALSE_MATCHES)
    return min(max(math.ceil(bits / 8), _SHORTEST_TAG), LONGEST_TAG)
