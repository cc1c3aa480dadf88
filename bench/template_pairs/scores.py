"""Precision and recall over pairs of prompts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.template_pairs.corpus import VARIABLE, Corpus


def scores(made: Corpus, labels: Sequence[object]) -> dict[str, float]:
    """Over all pairs; recall also by the share of words that varies. Without a pair to find, or found, it is 1."""
    number: dict[object, int] = {}
    label = np.array(
        [-1 - row if one is None else number.setdefault(one, len(number)) for row, one in enumerate(labels)]
    )
    _, both = np.unique(np.stack([made.template, label]), axis=1, return_inverse=True)
    result = {
        "precision": _ratio(_pairs(both), _pairs(label)),
        "recall": _ratio(_pairs(both), _pairs(made.template)),
    }
    for share in VARIABLE:
        rows = made.variable == share
        result[f"{share:.0%}"] = _ratio(_pairs(both[rows]), _pairs(made.template[rows]))
    return result


def _pairs(label: np.ndarray) -> int:
    """Pairs of equal labels."""
    count = np.unique(label, return_counts=True)[1].astype(np.int64)
    return int((count * (count - 1) // 2).sum())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
