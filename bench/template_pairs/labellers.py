"""Programs that say which prompts belong together: a corpus in, one label a prompt out, none where it stands alone.

Beside stillwatch the tools that people use for near-duplicates and log templates. The two MinHash tools: word 3-grams,
128 permutations, an index of 32 bands of 4, pairs verified at an estimated Jaccard of 0.2, connected pairs are one
cluster. Drain3: its defaults. They are not among the project's requirements: pip install datasketch rensa drain3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from bench.template_pairs.corpus import Corpus
from stillwatch.config import Config
from stillwatch.signals.sketch import sketches
from stillwatch.templates import templates
from stillwatch.uses import Recogniser

Labels = Sequence[object]
WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")  # as in stillwatch, an ideograph is a word
SHINGLE = 3  # words
PERMUTATIONS = 128
BANDS = 32
JACCARD = 0.2  # estimated, at least


def stillwatch(made: Corpus) -> Labels:
    """Fingerprint, mine and recognise, with the default settings."""
    config = Config()
    sketch = sketches(pa.array(made.texts, pa.string()), config.text).sketch
    field = pa.array(["prompt"] * len(made.texts))
    documents = pa.table({"field": field, "account_id": pa.array(made.account), "sketch": sketch})
    known = Recogniser(templates(documents, config.templates), "prompt", config.templates)
    return known.recognise(sketch).to_pylist()


def datasketch(made: Corpus) -> Labels:
    from datasketch import MinHash, MinHashLSH

    encoded = ([one.encode() for one in shingles(text)] for text in made.texts)
    signatures = list(MinHash.generator(encoded, num_perm=PERMUTATIONS))
    return clusters(signatures, MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, PERMUTATIONS // BANDS)))


def rensa(made: Corpus) -> Labels:
    from rensa import RMinHash, RMinHashLSH

    signatures = []
    for text in made.texts:
        signatures.append(RMinHash(num_perm=PERMUTATIONS, seed=42))
        signatures[-1].update(shingles(text))
    return clusters(signatures, RMinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS, num_bands=BANDS))


def drain3(made: Corpus) -> Labels:
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    miner = TemplateMiner(config=TemplateMinerConfig())
    return [miner.add_log_message(" ".join(words(text)))["cluster_id"] for text in made.texts]


ALL: dict[str, Callable[[Corpus], Labels]] = {
    "stillwatch": stillwatch,
    "rensa": rensa,
    "datasketch": datasketch,
    "drain3": drain3,
}


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
