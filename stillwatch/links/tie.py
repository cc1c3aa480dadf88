"""What a kind of tie is: which values accounts may share, and how much sharing one says.

The weight of a shared value is a Fellegi-Sunter match weight with the value's own frequency (Fellegi, Sunter 1969;
Winkler 2000), in bits: log2( m / (u + d/N) ) for a value that d of N accounts hold. `m` is the chance that two accounts
of one operator share a value of this kind; `u` the chance that two unrelated customers do for an ordinary reason that
rarity does not show (a family's card, a household's address), which bounds the weight however rare the value.

Kinds of one family fail together (one proxy, one product), so a family gives a pair only so many bits (config.Links).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ibis import Table


@dataclass(frozen=True)
class Tie:
    """One kind of shared value."""

    kind: str
    family: str  # identity, replay, registration, network, timing, product, told or other; its limit is in config.Links
    reads: tuple[str, ...]  # tables it needs
    values: Callable[[Mapping[str, Table]], Table]  # → (account_id, value)
    same_operator: float  # m, chance 0..1
    unrelated: float  # u, chance 0..1
    crowd: int  # accounts that may share a value before it means nothing
    phrase: str  # what members do, for a sentence: "pay with the same card"
    innocent: str  # who shows it too
