"""Datasketch, rensa and text-dedup: signatures of texts, and groups of texts that are near duplicates.

Signatures are of word 3-grams, made as rensa's own benchmark makes them (lower case, parted at blanks), which is three times as
fast as words by a pattern. `given`: "text" counts that; "shingles" gives it for free, and "hashes" the hashing of shingles too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.template_pairs import near_duplicates

Work = Callable[[], Any]
SEED = 42


def datasketch(folder: Path, permutations: int = 128, given: str = "text", fast_hash: bool = True) -> Work:
    """`fast_hash`: xxhash instead of SHA-1, as its documentation advises (there with farmhash)."""
    import xxhash
    from datasketch import MinHash

    more = {"hashfunc": xxhash.xxh32_intdigest} if fast_hash else {}
    if given == "text":
        texts = _texts(folder)
        return lambda: MinHash.bulk(
            ([one.encode() for one in _shingles(text)] for text in texts), num_perm=permutations, **more
        )
    encoded = [[one.encode() for one in _shingles(text)] for text in _texts(folder)]
    return lambda: MinHash.bulk(encoded, num_perm=permutations, **more)


def datasketch_apart(folder: Path, permutations: int = 128) -> Work:
    """A MinHash for each text and its `update_batch`, as most of its users write it."""
    from datasketch import MinHash

    texts = _texts(folder)

    def work() -> list[Any]:
        made = []
        for text in texts:
            made.append(MinHash(num_perm=permutations))
            made[-1].update_batch([one.encode() for one in _shingles(text)])
        return made

    return work


def rensa(folder: Path, permutations: int = 128, given: str = "text", rho: bool = False) -> Work:
    """`rho`: its pipeline that looks at a sample of the shingles' places, the fastest that its documentation names."""
    from rensa import RMinHash

    tail = "_rho" if rho else ""
    of_sets = getattr(RMinHash, f"digest_matrix_from_token_sets{tail}")
    if given == "text":
        texts = _texts(folder)
        return lambda: of_sets(map(_shingles, texts), permutations, SEED)
    shingles = list(map(_shingles, _texts(folder)))
    if given == "shingles":
        return lambda: of_sets(shingles, permutations, SEED)
    hashed = RMinHash.hash_token_sets(shingles)
    flat = np.fromiter((value for row in hashed for value in row), np.uint64)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in hashed])]).astype(np.uint64)
    of_hashes = getattr(RMinHash, f"digest_matrix_from_flat_token_hashes{tail}")
    return lambda: of_hashes(flat, starts, permutations, SEED)


def cminhash(folder: Path, permutations: int = 128) -> Work:
    from rensa import CMinHash

    texts = _texts(folder)
    return lambda: CMinHash.digests64_from_token_sets(map(_shingles, texts), permutations, SEED)


def text_dedup(folder: Path, permutations: int = 128, bits: int = 32) -> Work:
    """Its `embed_func` as its own command calls it; 64 bits with SHA-1 are its defaults, 32 with xxh3 are faster."""
    embed = _embed(permutations, permutations // 4, bits)
    texts = _texts(folder)
    return lambda: [embed(text, row) for row, text in enumerate(texts)]


def datasketch_groups(folder: Path, permutations: int = 128) -> Work:
    import xxhash

    texts = _corpus(folder)
    return lambda: {"label": near_duplicates.datasketch(texts, permutations, _shingles, xxhash.xxh32_intdigest)}


def rensa_groups(folder: Path, permutations: int = 128) -> Work:
    texts = _corpus(folder)
    return lambda: {"label": near_duplicates.rensa(texts, permutations, _shingles)}


def text_dedup_groups(folder: Path, bands: int, rows: int) -> Work:
    """Its own tables and union-find: texts with an equal band are one cluster, no pair is verified."""
    from text_dedup.minhash import SIGNATURE_COLUMN
    from text_dedup.utils import UnionFind

    texts, embed = _corpus(folder), _embed(bands * rows, bands, 32)

    def work() -> dict[str, Any]:
        tables: list[dict[bytes, int]] = [{} for _ in range(bands)]
        united = UnionFind()
        for row, text in enumerate(texts):
            united.find(row)
            for table, signature in zip(tables, embed(text, row)[SIGNATURE_COLUMN], strict=True):
                first = table.setdefault(signature, row)
                if first != row:
                    united.union(row, first)
        return {"label": [united.find(row) for row in range(len(texts))]}

    return work


def _embed(permutations: int, bands: int, bits: int) -> Callable[[str, int], dict[str, Any]]:
    from text_dedup.minhash import RNG, embed_func
    from text_dedup.utils import sha1_hash, xxh3_32hash

    kind, prime = (np.uint32, np.uint32((1 << 32) - 5)) if bits == 32 else (np.uint64, np.uint64((1 << 61) - 1))
    factors = (
        RNG.randint(1, prime, size=permutations, dtype=kind),
        RNG.randint(0, prime, size=permutations, dtype=kind),
    )
    width = permutations // bands
    asked = {
        "num_perm": permutations,
        "ngram_size": near_duplicates.SHINGLE,
        "min_length": 0,
        "hashranges": [(band * width, (band + 1) * width) for band in range(bands)],
        "permutations": factors,
        "hash_func": xxh3_32hash if bits == 32 else sha1_hash,
        "dtype": kind,
        "max_hash": np.uint32((1 << 32) - 1),
        "modulo_prime": prime,
    }
    return lambda text, row: embed_func(text, row, **asked)


def _shingles(text: str) -> list[str]:
    words = text.lower().split()
    return list(map(" ".join, zip(words, words[1:], words[2:], strict=False))) or [text.lower()]


def _texts(folder: Path) -> list[str]:
    found: list[str] = pq.read_table(folder / "texts.parquet")["text"].to_pylist()
    return found


def _corpus(folder: Path) -> list[str]:
    found: list[str] = pq.read_table(folder / "corpus.parquet")["text"].to_pylist()
    return found
