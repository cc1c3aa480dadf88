"""Precision and recall over pairs of prompts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.template_pairs.corpus import VARIABLE, Corpus


def scores(made: Corpus, labels: Sequence[object]) -> dict[str, float]:
    """Over all pairs; recall also by the share of words that varies."""
    label = numbered(labels)
    result = over_pairs(made.template, label)
    for share in VARIABLE:
        rows = made.variable == share
        result[f"{share:.0%}"] = over_pairs(made.template[rows], label[rows])["recall"]
    return {name: value for name, value in result.items() if name != "f1"}


def numbered(labels: Sequence[object]) -> np.ndarray:
    """A number for each label; who has none gets a negative one of its own."""
    number: dict[object, int] = {}
    return np.array(
        [-1 - row if one is None else number.setdefault(one, len(number)) for row, one in enumerate(labels)], np.int64
    )


def over_pairs(truth: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of pairs of equal numbers. Without a pair to find, or found, precision and recall are 1."""
    both = np.unique(truth.astype(np.int64) * (1 << 32) + label, return_inverse=True)[1]
    precision, recall = _ratio(_pairs(both), _pairs(label)), _ratio(_pairs(both), _pairs(truth))
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-12)}


def _pairs(label: np.ndarray) -> int:
    """Pairs of equal labels."""
    count = np.unique(label, return_counts=True)[1].astype(np.int64)
    return int((count * (count - 1) // 2).sum())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
