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


def of_known(truth: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Pairs, where it is known of some what they belong to: a campaign, a template. The others have a negative truth.

    What ordinary people, or questions, have to do with each other is not asked: a firm's staff are one group, rightly.
    Recall is of pairs with equal truth; precision is of pairs with equal labels, one of the two at least with a truth.
    """
    _, group = np.unique(label, return_inverse=True)
    _, known_as = np.unique(truth, return_inverse=True)
    known = truth >= 0
    size, of_known = np.bincount(group), np.bincount(group, known).astype(np.int64)
    both = np.unique(group[known] * (known_as.max() + 1) + known_as[known], return_counts=True)[1]
    right, wanted = _pairs(both), _pairs(np.bincount(known_as[known]))
    found = _pairs(size) - _pairs(size - of_known)
    precision, recall = right / found if found else 1.0, right / wanted if wanted else 1.0
    strangers = int((size - of_known)[of_known > 0].sum())  # without a truth, in one group with those that have one
    f1 = 2 * precision * recall / max(precision + recall, 1e-12)
    return {"precision": precision, "recall": recall, "f1": f1, "strangers": strangers}


def _pairs(count: np.ndarray) -> int:
    return int((count.astype(np.int64) * (count - 1) // 2).sum())
