"""Buckets of a template: two templates of which most is the same fall into a common bucket, and unrelated ones do not.

A template is a set of fingerprints of words (signals/sketch.py). MinHash of it under BANDS · ROWS orders (Broder 1997), ROWS of
them together a bucket (Indyk, Motwani 1998): sets of Jaccard J meet in at least one of the buckets with 1 - (1 - J^ROWS)^BANDS.
Both sides must have made their fingerprints alike: how they did is part of what a bucket is made of.
"""

from __future__ import annotations

import hashlib

import numpy as np

from stillwatch.config import Text

BANDS = 12  # buckets of a template: each is one value that is asked for
ROWS = 3  # of a bucket (measured: docs/sharing-matching.md)
LEAST_SHINGLES = 6  # fingerprints of a template; of fewer the words can be guessed, and strangers write the same phrase

_FACTORS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))  # finaliser of MurmurHash3
_STEP = np.uint64(0x9E3779B97F4A7C15)  # between the orders


def buckets(shingles: np.ndarray, text: Text) -> list[bytes]:
    """Of one template's fingerprints (int32), BANDS values of 16 bytes after their number; none of too short a template."""
    if len(np.unique(shingles)) < LEAST_SHINGLES:
        return []
    least = signature(shingles).reshape(BANDS, ROWS)
    made = f"{text.shingle_words}.{text.window}.{BANDS}.{ROWS}".encode()
    return [
        b"%b.%d\0%b" % (made, band, hashlib.blake2b(rows.tobytes(), digest_size=16).digest())
        for band, rows in enumerate(least)
    ]


def likelihood(jaccard: float) -> float:
    """That two templates of this Jaccard similarity meet in a bucket."""
    return 1.0 - (1.0 - jaccard**ROWS) ** BANDS


def signature(shingles: np.ndarray) -> np.ndarray:
    """The least fingerprint under each of BANDS · ROWS orders, which are one-to-one maps of 64 bits that look random."""
    orders = np.arange(1, BANDS * ROWS + 1, dtype=np.uint64)[:, None] * _STEP
    mixed = shingles.astype(np.uint32).astype(np.uint64)[None, :] ^ orders
    for factor in _FACTORS:
        mixed = (mixed ^ (mixed >> np.uint64(33))) * factor
    mixed ^= mixed >> np.uint64(33)
    return mixed.min(axis=1)
