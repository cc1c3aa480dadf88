"""What is compared: data, who takes part, what an answer is worth, and how far ahead of whom stillwatch wants to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bench.side_by_side.contender import Contender

Quality = Callable[[Path, Mapping[str, Any]], dict[str, float]]


@dataclass(frozen=True)
class Asked:
    """How much of everything; the defaults are those of the published table."""

    work: Path
    prompts: int = 100_000  # made texts of 500 characters
    scale: float = 0.05  # of the world that accounts and links are taken from: 11,000 accounts, 2.5 million exchanges
    copies: int = 24  # of its graph, for clustering: a million edges, as a provider's month has
    seed: int = 7


@dataclass(frozen=True)
class Comparison:
    """`inputs` writes files into its folder and tells what is there; `quality` judges a row's answer and numbers."""

    name: str
    about: str
    source: str  # the Parquet file that contenders read, for the physical limit
    inputs: Callable[[Path, Asked], dict[str, Any]]
    contenders: Sequence[Contender]
    quality: Quality
    goals: Mapping[str, float] = field(default_factory=dict)  # by package: at least so many times its processor time
    judged_by: str | None = None  # the quality that must not be worse than a peer's


def of_pairs(truth: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 over pairs, where a negative truth stands alone."""
    from bench.template_pairs.scores import over_pairs

    alone = truth < 0
    return over_pairs(np.where(alone, -1 - np.arange(len(truth)), truth), label)
