"""Proof that many points were multiplied by one secret scalar, the one of a public key: RFC 9497, section 2.2.

One proof of 64 bytes for as many points as a batch has, by Chaum and Pedersen's over a random combination of all of them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.sharing.matching import group

MOST_POINTS = 65_536  # of a proof: their numbers are written with two bytes
PROOF_BYTES = 2 * group.SCALAR_BYTES


@dataclass(frozen=True)
class Proof:
    challenge: bytes
    answer: bytes

    def __bytes__(self) -> bytes:
        return self.challenge + self.answer

    @classmethod
    def read(cls, given: bytes) -> Proof:
        """BadElement where either half is no scalar."""
        half = group.SCALAR_BYTES
        return cls(group.checked_scalar(given[:half]), group.checked_scalar(given[half:]))


def prove(
    context: bytes, secret: bytes, public: bytes, before: Sequence[bytes], after: Sequence[bytes], random: bytes
) -> Proof:
    """That each of `after` is secret · the same of `before`, and `public` is secret · the generator (GenerateProof)."""
    combined = bytes(group.POINT_BYTES)
    for weight, one in zip(_weights(context, public, before, after), before, strict=True):
        combined = group.plus(group.times(weight, one), combined)
    combined_after = group.times(secret, combined)
    commitments = group.base_times(random), group.times(random, combined)
    challenge = _challenge(context, public, combined, combined_after, *commitments)
    return Proof(challenge, group.difference(random, group.product(challenge, secret)))


def holds(context: bytes, public: bytes, before: Sequence[bytes], after: Sequence[bytes], proof: Proof) -> bool:
    """VerifyProof. BadElement where something is no point."""
    combined = combined_after = bytes(group.POINT_BYTES)
    for weight, one, other in zip(_weights(context, public, before, after), before, after, strict=True):
        combined = group.plus(group.times(weight, one), combined)
        combined_after = group.plus(group.times(weight, other), combined_after)
    commitments = (
        group.plus(group.base_times(proof.answer), group.times(proof.challenge, public)),
        group.plus(group.times(proof.answer, combined), group.times(proof.challenge, combined_after)),
    )
    expected = _challenge(context, public, combined, combined_after, *commitments)
    return secrets.compare_digest(expected, proof.challenge)


def _weights(context: bytes, public: bytes, before: Sequence[bytes], after: Sequence[bytes]) -> list[bytes]:
    """One for each pair, which nobody can choose: they hang on all that is proved (ComputeComposites)."""
    if not 0 < len(before) == len(after) <= MOST_POINTS:
        raise ValueError(f"{len(before):,} and {len(after):,} points; as many of each, 1 to {MOST_POINTS:,}")
    seed = hashlib.sha512(_written(public, b"Seed-" + context)).digest()
    tag = b"HashToScalar-" + context
    begun = _written(seed)
    return [
        group.hashed_to_scalar(begun + number.to_bytes(2, "big") + _written(one, other) + b"Composite", tag)
        for number, (one, other) in enumerate(zip(before, after, strict=True))
    ]


def _challenge(context: bytes, *points: bytes) -> bytes:
    return group.hashed_to_scalar(_written(*points) + b"Challenge", b"HashToScalar-" + context)


def _written(*parts: bytes) -> bytes:
    """Each with its length before it."""
    return b"".join(len(one).to_bytes(2, "big") + one for one in parts)
