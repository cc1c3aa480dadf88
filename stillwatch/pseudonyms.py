"""Keyed pseudonyms: equal values get equal tokens, and nobody without the key can tell which value a token stands for.

HMAC-SHA256, cut to 72 bits and written as 12 characters of base64url. 72 bits: among a billion values, two share a
token with probability 1 in 9,000. The kind of value is mixed in, so an address and a phone number never collide, and
the same kind must be used wherever values are to match: `address` for client_ip and signup_ip alike.
"""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.sha256 import BLOCK_BYTES, after_block, keyed

KEY_VARIABLE = "STILLWATCH_KEY"

# Kinds that tokens are made under. The same kind in two tables means that their values can be compared.
ADDRESS = "address"
PREFIX = "prefix"
END_USER = "end_user"
API_KEY = "api_key"
EMAIL = "email"
PHONE = "phone"
PAYMENT = "payment"
DEVICE = "device"

_TOKEN_BYTES = 9  # 72 bits, 12 characters without padding
_TOKEN_CHARACTERS = _TOKEN_BYTES * 4 // 3
_ALPHABET = np.frombuffer((string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_").encode(), np.uint8)


class Pseudonyms:
    """Makes tokens under one key. Cheap to pickle: only the key travels."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # HMAC by its definition: both hashes begin with a block made of the key, which is the same for every value.
        padded = (key if len(key) <= BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(BLOCK_BYTES, b"\0")
        self._inner, self._outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
        self._begun = hashlib.sha256(self._inner), hashlib.sha256(self._outer)

    @cached_property
    def _after_key(self) -> tuple[np.ndarray, np.ndarray]:
        """Both for whole columns. Not before one is asked for: a guard makes single tokens, and would start later by what
        Numba needs to.
        """
        return after_block(self._inner), after_block(self._outer)

    def token(self, kind: str, value: str) -> str:
        """The token of one value. From the two hashes begun above: half the time of hmac.digest, which begins anew."""
        inner, outer = self._begun[0].copy(), self._begun[1].copy()
        inner.update(_prefix(kind) + value.encode())
        outer.update(inner.digest())
        return base64.urlsafe_b64encode(outer.digest()[:_TOKEN_BYTES]).decode("ascii")

    def tokens(self, kind: str, values: pa.Array) -> pa.Array:
        """Tokens of a string column, null for null and empty. Equal values are hashed once."""
        coded = values.dictionary_encode()
        return self.tokens_of_different(kind, coded.dictionary).take(coded.indices)

    def tokens_of_different(self, kind: str, texts: pa.Array) -> pa.Array:
        """The same for a column in which few values repeat, so that looking for repetitions would be wasted."""
        digests = np.empty((len(texts), 8), np.uint32)
        offsets, data = _buffers(texts)
        keyed(offsets, data, np.frombuffer(_prefix(kind), np.uint8), *self._after_key, digests)
        some = pc.greater(pc.binary_length(texts), 0)  # null for null
        return pc.if_else(some, _written(digests), pa.scalar(None, pa.string()))

    def __reduce__(self) -> tuple[type[Pseudonyms], tuple[bytes]]:
        return Pseudonyms, (self._key,)

    def __repr__(self) -> str:
        return "Pseudonyms(<key>)"  # never in a log or a traceback


def _prefix(kind: str) -> bytes:
    return kind.encode() + b"\0"


def _buffers(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    _, offsets, data = texts.buffers()
    if offsets is None or data is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bounds, np.frombuffer(data, np.uint8)


def _written(digests: np.ndarray) -> pa.Array:
    """The first 72 bits of each digest as 12 characters of base64url."""
    first, second, third = (digests[:, word].astype(np.uint64) for word in range(3))
    bits = np.stack((first >> 8, (first & 0xFF) << 16 | second >> 16, (second & 0xFFFF) << 8 | third >> 24), axis=1)
    sixes = np.stack([bits >> shift & 0x3F for shift in (18, 12, 6, 0)], axis=2)
    characters = _ALPHABET[sixes].tobytes()
    ends = np.arange(len(digests) + 1, dtype=np.int32) * _TOKEN_CHARACTERS
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(ends), pa.py_buffer(characters))


def mapped(values: pa.Array, one: Callable[[str], str | None]) -> pa.Array:
    """A string column through a function that is called once per different value."""
    coded = values.dictionary_encode()
    made = pa.array([one(value) for value in coded.dictionary.to_pylist()], pa.string())
    return made.take(coded.indices)


def load_key(path: Path | None, environment: Mapping[str, str]) -> Pseudonyms:
    """The key from the environment, or else from the key file, which is made on first use."""
    given = environment.get(KEY_VARIABLE)
    if given:
        return Pseudonyms(keyfiles.parsed(given, KEY_VARIABLE))
    if path is None:
        raise BadConfiguration("no key for pseudonyms", KEY_VARIABLE, f"{keyfiles.FORM}, or a key file")
    if not path.exists():
        keyfiles.create(path)  # another run may be first; its key is the key
    return Pseudonyms(keyfiles.read(path))
