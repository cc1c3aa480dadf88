"""The group ristretto255 with hashing into it, as RFC 9497 (section 4.1) asks for: libsodium's, which is constant-time.

Points and scalars are bytes of 32, as they travel. A scalar is refused unless it is in its one canonical form, a point unless
it decodes and is not the identity.
"""

from __future__ import annotations

import hashlib
import os
import sys

import rbcl

POINT_BYTES = SCALAR_BYTES = 32
ORDER = 2**252 + 27742317777372353535851937790883648493
_HASH_BYTES = 64  # of SHA-512, and of what is reduced to a scalar or mapped to a point: as many bits again as security
_BLOCK_BYTES = 128  # of SHA-512
_ZEROS = bytes(_BLOCK_BYTES)  # Z_pad of RFC 9380, section 5.3.1
_LONGEST_TAG = 255
_IDENTITY = bytes(POINT_BYTES)

# rbcl writes the library into a file of the temporary folder, loads it, and leaves the file: 2.7 MB for each process.
_left = getattr(sys.modules.get("rbcl._sodium"), "lib_path", "")
if os.name == "posix" and os.path.basename(_left).startswith("tmp") and os.path.exists(_left):
    os.unlink(_left)


class BadElement(ValueError):
    """Bytes that are no point of the group other than the identity, or no scalar in canonical form."""


def expanded(message: bytes, tag: bytes) -> bytes:
    """64 bytes that look random: expand_message_xmd of RFC 9380, section 5.3.1, with SHA-512, of one block."""
    if len(tag) > _LONGEST_TAG:
        raise ValueError(f"a tag of {len(tag)} bytes; at most {_LONGEST_TAG}")
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha512(_ZEROS + message + _HASH_BYTES.to_bytes(2, "big") + b"\0" + suffix).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()


def hashed_to_point(message: bytes, tag: bytes) -> bytes:
    """HashToGroup. The identity comes out with a chance of 2^-252, and whoever multiplies it is told."""
    return rbcl.crypto_core_ristretto255_from_hash(expanded(message, tag))


def hashed_to_scalar(message: bytes, tag: bytes) -> bytes:
    return rbcl.crypto_core_ristretto255_scalar_reduce(expanded(message, tag))


def random_scalar() -> bytes:
    """From 1 to the order less one, by the system's generator."""
    return rbcl.crypto_core_ristretto255_scalar_random()


def random_point() -> bytes:
    return rbcl.crypto_core_ristretto255_random()


def times(scalar: bytes, point: bytes) -> bytes:
    """scalar · point. BadElement where the point is none, or the result is the identity."""
    try:
        return rbcl.crypto_scalarmult_ristretto255(scalar, point)
    except (RuntimeError, ValueError, TypeError) as problem:
        raise BadElement("not a point of ristretto255 other than the identity") from problem


def base_times(scalar: bytes) -> bytes:
    """scalar · the generator; of 0 the identity."""
    return rbcl.crypto_scalarmult_ristretto255_base_allow_scalar_zero(scalar)


def plus(one: bytes, other: bytes) -> bytes:
    """The sum of two valid points; the identity is one here."""
    return rbcl.crypto_core_ristretto255_add(one, other)


def inverse(scalar: bytes) -> bytes:
    return rbcl.crypto_core_ristretto255_scalar_invert(scalar)


def difference(one: bytes, other: bytes) -> bytes:
    return rbcl.crypto_core_ristretto255_scalar_sub(one, other)


def product(one: bytes, other: bytes) -> bytes:
    return rbcl.crypto_core_ristretto255_scalar_mul(one, other)


def checked_point(given: bytes) -> bytes:
    """DeserializeElement."""
    if len(given) != POINT_BYTES or given == _IDENTITY or not rbcl.crypto_core_ristretto255_is_valid_point(given):
        raise BadElement("not a point of ristretto255 other than the identity")
    return given


def checked_scalar(given: bytes) -> bytes:
    """DeserializeScalar."""
    if len(given) != SCALAR_BYTES or int.from_bytes(given, "little") >= ORDER:
        raise BadElement("not a scalar of ristretto255 in canonical form")
    return given


def reduced(drawn: bytes) -> bytes:
    """64 random bytes as a scalar, each as likely as any other."""
    return rbcl.crypto_core_ristretto255_scalar_reduce(drawn)


def from_bytes(drawn: bytes) -> bytes:
    """64 random bytes as a point, of which nobody knows a logarithm."""
    return rbcl.crypto_core_ristretto255_from_hash(drawn)
