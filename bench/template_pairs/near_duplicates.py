"""The tools that people use for near-duplicates and log templates, as labellers. Needs neither stillwatch nor its packages.

The two MinHash tools: word 3-grams, 128 permutations, an index of 32 bands of 4, pairs verified at an estimated Jaccard of
0.2, connected pairs are one cluster. Drain3: its defaults, and runs of words parted by blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")  # as in stillwatch, an ideograph is a word
SHINGLE = 3  # words
PERMUTATIONS = 128
BANDS = 32
JACCARD = 0.2  # estimated, at least


def datasketch(
    texts: Iterable[str],
    permutations: int = PERMUTATIONS,
    shingled: Callable[[str], list[str]] | None = None,
    hashed: Callable[[bytes], int] | None = None,
) -> list[int]:
    """`hashed`: of a shingle, instead of SHA-1."""
    from datasketch import MinHash, MinHashLSH

    encoded = ([one.encode() for one in (shingled or shingles)(text)] for text in texts)
    signatures = list(MinHash.generator(encoded, num_perm=permutations, hashfunc=hashed))
    return clusters(signatures, MinHashLSH(num_perm=permutations, params=(permutations // 4, 4)))


def rensa(
    texts: Iterable[str], permutations: int = PERMUTATIONS, shingled: Callable[[str], list[str]] | None = None
) -> list[int]:
    from rensa import RMinHash, RMinHashLSH

    signatures = RMinHash.from_token_sets(map(shingled or shingles, texts), permutations, 42)
    return clusters(signatures, RMinHashLSH(threshold=JACCARD, num_perm=permutations, num_bands=permutations // 4))


def drain3(texts: Iterable[str], similarity: float = 0.4) -> list[int]:
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.drain_sim_th = similarity
    miner = TemplateMiner(config=config)
    return [miner.add_log_message(" ".join(words(text)))["cluster_id"] for text in texts]


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def shingles(text: str) -> list[str]:
    found = words(text)
    return [" ".join(found[at : at + SHINGLE]) for at in range(max(1, len(found) - SHINGLE + 1))]


def clusters(signatures: Sequence[Any], index: Any) -> list[int]:
    """Connected pairs that the index proposes and the signatures confirm; a pair already connected is not compared."""
    parent = list(range(len(signatures)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for row, signature in enumerate(signatures):
        for other in index.query(signature):
            a, b = root(row), root(other)
            if a != b and signature.jaccard(signatures[other]) >= JACCARD:
                parent[max(a, b)] = min(a, b)
        index.insert(row, signature)
    return [root(row) for row in range(len(parent))]
