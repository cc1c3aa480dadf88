"""Drain3: templates of texts by a tree of fixed depth over their words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench.template_pairs.near_duplicates import words

Work = Callable[[], Any]
DELIMITERS = tuple("[](){}<>=:;,.!?\"'`*#|/\\-_")  # stand for blanks, so that a word is one with and without its comma


def groups(
    folder: Path, similarity: float = 0.4, learner: bool = False, delimiters: bool = False, in_words: bool = False
) -> Work:
    """`learner`: the algorithm without the miner around it, which renders a template for every text: the fast path.

    `in_words`: texts in words of lower case, as fingerprints see them, instead of as they are.
    """
    from drain3 import TemplateMiner
    from drain3.drain import Drain
    from drain3.template_miner_config import TemplateMinerConfig

    texts = pq.read_table(folder / "corpus.parquet")["text"].to_pylist()
    parted: Callable[[str], str] = (lambda text: " ".join(words(text))) if in_words else str
    more = list(DELIMITERS) if delimiters else []
    if learner:
        drain = Drain(sim_th=similarity, extra_delimiters=more)
        return lambda: {"label": [drain.add_log_message(parted(text))[0].cluster_id for text in texts]}
    config = TemplateMinerConfig()
    config.drain_sim_th, config.drain_extra_delimiters = similarity, more
    miner = TemplateMiner(config=config)
    return lambda: {"label": [miner.add_log_message(parted(text))["cluster_id"] for text in texts]}
