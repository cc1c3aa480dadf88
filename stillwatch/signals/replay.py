"""Preserved reasoning redeemed where it was not made: on the first turn of a conversation.

A provider gives a token for reasoning it keeps hidden, and takes it back on later turns of the same conversation. On a
first turn the token comes from another conversation, and the request is after what is sealed in it.
Innocent when: a client lost count of its turns, or took up an exported conversation again; now and then, not all day.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def replayed(turn: pa.Array, signature: pa.Array) -> pa.Array:
    """Whether each exchange redeems a token on a first turn; an unknown turn is none."""
    return pc.and_(pc.fill_null(pc.equal(turn, 0), False), pc.is_valid(signature))
