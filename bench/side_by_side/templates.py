"""Template mining: prompts in the frames of harvests among ordinary ones, to groups of one frame; beside drain3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.side_by_side import texts
from bench.side_by_side.comparison import Asked, Comparison
from bench.side_by_side.contender import Contender
from bench.side_by_side.fingerprints import group_quality


def inputs(folder: Path, asked: Asked) -> dict[str, Any]:
    return texts.store(texts.with_frames(asked.seed, asked.prompts), folder)


def _drain(name: str, **options: Any) -> Contender:
    return Contender(name, "drain3", "drain3.groups", options)


ALL = (
    Comparison(
        "templates",
        "Prompts to groups of one frame: two in five are jobs in 38 frames of harvests, the others ordinary questions.",
        "corpus.parquet",
        inputs,
        (
            Contender("stillwatch", "stillwatch", "stillwatch.groups"),
            _drain("drain3, defaults"),
            _drain("drain3, its tree alone", learner=True),
            _drain("drain3, its tree, three tenths alike", learner=True, similarity=0.3),
            _drain("drain3, its tree, delimiters as well", learner=True, delimiters=True),
            _drain("drain3, its tree, words in lower case", learner=True, in_words=True),
        ),
        group_quality,
        {"drain3": 50.0},
        "f1",
    ),
)
