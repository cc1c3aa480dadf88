"""When accounts of a campaign are acted on: together, at moments that nobody can foresee.

Whoever is refused within minutes of being found out learns what found him, and tries again until he is not. So a rule may
have waves: moments, one in each span of time, at which it takes in every account of a campaign that was found by then. Where
in the span the moment lies follows from rule and campaign by a keyed hash: every replica knows it, the attacker does not.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache


def acts_from(found_at: float, starts: float, length: float, drawn: float) -> float:
    """The first moment at or after `found_at` at which a wave comes in, seconds since 1970.

    Waves of a rule that `starts` are `length` seconds apart, the first after the share `drawn` (0..1) of a length.
    """
    if length <= 0:
        return max(found_at, starts)
    first = starts + drawn * length
    return first + max(math.ceil((found_at - first) / length), 0) * length


@lru_cache(maxsize=100_000)  # campaigns times rules: every request of a campaign asks again
def drawn(secret: bytes, rule: str, campaign: str) -> float:
    """Where in a span the moment of this rule for this campaign lies, 0..1."""
    told = hashlib.blake2b(f"{rule}\0{campaign}".encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(told, "big") / 2**64
