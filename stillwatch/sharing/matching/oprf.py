"""RFC 9497: an oblivious pseudorandom function over ristretto255-SHA512, in the modes OPRF and VOPRF.

Whoever has the key evaluates inputs that they cannot see; whoever has the inputs learns the function's values and nothing of
the key. In the mode VOPRF the holder proves (dleq.py) that it was the key of its public key. Names in brackets are the RFC's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.sharing.matching import dleq, group
from stillwatch.sharing.matching.dleq import Proof

SUITE = b"ristretto255-SHA512"
OPRF, VOPRF = 0, 1  # modes (section 3.1)
OUTPUT_BYTES = 64
LONGEST_INPUT = 65_535  # bytes: lengths are written with two
_TRIES = 256  # that a key may take to be found


class NotProved(ValueError):
    """The evaluation was not made with the key of the public key (VerifyError)."""


@dataclass(frozen=True)
class Keys:
    """A holder's pair. The secret is in no text that is made of it."""

    secret: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"Keys(<secret>, {self.public.hex()})"


class Mode:
    """What each mode does with its own context string."""

    def __init__(self, mode: int) -> None:
        self.context = b"OPRFV1-" + bytes([mode]) + b"-" + SUITE  # CreateContextString
        self._to_group = b"HashToGroup-" + self.context

    def keys(self, seed: bytes, info: bytes) -> Keys:
        """The pair that follows from a seed of 32 secret bytes and what it is for (DeriveKeyPair, section 3.2.1)."""
        if len(seed) != group.SCALAR_BYTES or len(info) > LONGEST_INPUT:
            raise ValueError("a seed has 32 bytes, and what it is for 65,535 at most")
        begun = seed + len(info).to_bytes(2, "big") + info
        for tried in range(_TRIES):
            secret = group.hashed_to_scalar(begun + bytes([tried]), b"DeriveKeyPair" + self.context)
            if any(secret):
                return Keys(secret, group.base_times(secret))
        raise ValueError("no key follows from this seed")

    def point(self, text: bytes) -> bytes:
        """Where an input lies in the group."""
        if len(text) > LONGEST_INPUT:
            raise ValueError(f"an input of {len(text):,} bytes; at most {LONGEST_INPUT:,}")
        return group.hashed_to_point(text, self._to_group)

    def blinded(self, text: bytes, blind: bytes) -> bytes:
        """What is sent for an input (Blind): with a blind that nobody else knows it is a point like any other."""
        return group.times(blind, self.point(text))

    def evaluated(self, secret: bytes, blinded: bytes) -> bytes:
        """What is sent back (BlindEvaluate). BadElement where it is no point, or the identity."""
        return group.times(secret, blinded)

    def proof(self, keys: Keys, blinded: Sequence[bytes], evaluated: Sequence[bytes], random: bytes) -> Proof:
        """That all were evaluated with the key; `random` is a scalar that is never used again."""
        return dleq.prove(self.context, keys.secret, keys.public, blinded, evaluated, random)

    def verify(self, public: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], proof: Proof) -> None:
        """NotProved where the proof does not hold."""
        if not dleq.holds(self.context, public, blinded, evaluated, proof):
            raise NotProved("the proof does not hold: another key was used, or what came was changed on the way")

    def finished(self, text: bytes, blind: bytes, evaluated: bytes) -> bytes:
        """The function's value, 64 bytes (Finalize). In the mode VOPRF only after `verify`."""
        return _output(text, group.times(group.inverse(blind), evaluated))

    def value(self, secret: bytes, text: bytes) -> bytes:
        """The same for whoever has both key and input (Evaluate)."""
        return _output(text, group.times(secret, self.point(text)))


def _output(text: bytes, point: bytes) -> bytes:
    parts = len(text).to_bytes(2, "big"), text, len(point).to_bytes(2, "big"), point, b"Finalize"
    return hashlib.sha512(b"".join(parts)).digest()
