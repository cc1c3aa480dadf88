"""Fingerprints: signatures of real prompts a second, and what groups of near-duplicates they give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.side_by_side import texts
from bench.side_by_side.comparison import Asked, Comparison, of_known
from bench.side_by_side.contender import Contender

GOALS = {"datasketch": 50.0, "rensa": 4.0, "text-dedup": 1.0}


def signature_inputs(folder: Path, asked: Asked) -> dict[str, Any]:
    source = texts.real_or_made(folder / "texts.parquet", asked.prompts)
    lengths = pc.binary_length(pq.read_table(folder / "texts.parquet")["text"])
    return {"source": source, "texts": len(lengths), "mb": pc.sum(lengths).as_py() / 1e6}


def speed(folder: Path, row: Mapping[str, Any]) -> dict[str, float]:
    made = pq.read_table(folder / "texts.parquet")["text"]
    return {
        "texts/s": len(made) / row["cpu"],
        "MB/s": pc.sum(pc.binary_length(made)).as_py() / 1e6 / row["cpu"],
    }


def group_inputs(folder: Path, asked: Asked) -> dict[str, Any]:
    return texts.store(texts.with_templates(asked.seed, asked.prompts), folder)


def group_quality(folder: Path, row: Mapping[str, Any]) -> dict[str, float]:
    """Pairs of prompts of one template, of the pairs in one group that have a prompt of a template."""
    label = pq.read_table(row["answer"])["label"]
    truth = pq.read_table(folder / "truth.parquet")["template"].to_numpy()
    alone = pc.is_null(label).to_numpy(zero_copy_only=False)
    number = np.where(alone, -1 - np.arange(len(label)), pc.fill_null(label, 0).to_numpy())
    return of_known(truth, number) | {"texts/s": len(label) / row["cpu"]}


def _mine(name: str, work: str, **options: Any) -> Contender:
    return Contender(name, "stillwatch", f"stillwatch.{work}", options)


def _peer(name: str, package: str, work: str, **options: Any) -> Contender:
    return Contender(name, package, f"minhash.{work}", options)


SIGNATURES = Comparison(
    "signatures",
    "Signatures of texts: 48 winnowed shingles or 128 hashes a text. Word 3-grams for the peers.",
    "texts.parquet",
    signature_inputs,
    (
        _mine("stillwatch", "fingerprints"),
        _mine("stillwatch, two threads", "fingerprints", threads=2),
        _peer("datasketch 128", "datasketch", "datasketch"),
        _peer("datasketch 64", "datasketch", "datasketch", permutations=64),
        _peer("datasketch 128, SHA-1 as by default", "datasketch", "datasketch", fast_hash=False),
        _peer("datasketch 128, one by one", "datasketch", "datasketch_apart"),
        _peer("datasketch 128, shingles given", "datasketch", "datasketch", given="shingles"),
        _peer("rensa R-MinHash 128", "rensa", "rensa"),
        _peer("rensa R-MinHash 64", "rensa", "rensa", permutations=64),
        _peer("rensa rho 128", "rensa", "rensa", rho=True),
        _peer("rensa C-MinHash 128", "rensa", "cminhash"),
        _peer("rensa R-MinHash 128, shingles given", "rensa", "rensa", given="shingles"),
        _peer("rensa rho 128, shingles given", "rensa", "rensa", given="shingles", rho=True),
        _peer("rensa R-MinHash 128, hashes given", "rensa", "rensa", given="hashes"),
        _peer("text-dedup 128, 32 bits", "text-dedup", "text_dedup"),
        _peer("text-dedup 128, 64 bits as by default", "text-dedup", "text_dedup", bits=64),
    ),
    speed,
    GOALS,
)

GROUPS = Comparison(
    "near_duplicates",
    "Texts to groups of texts: signature, index, verification, connected pairs. 60 templates, a tenth to half of them slots.",
    "corpus.parquet",
    group_inputs,
    (
        _mine("stillwatch", "groups"),
        _peer("datasketch 128", "datasketch", "datasketch_groups"),
        _peer("datasketch 64", "datasketch", "datasketch_groups", permutations=64),
        _peer("rensa R-MinHash 128", "rensa", "rensa_groups"),
        _peer("rensa R-MinHash 64", "rensa", "rensa_groups", permutations=64),
        _peer("text-dedup, 32 bands of 4", "text-dedup", "text_dedup_groups", bands=32, rows=4),
        _peer("text-dedup, 50 bands of 5", "text-dedup", "text_dedup_groups", bands=50, rows=5),
    ),
    group_quality,
    GOALS,
    "f1",
)

ALL = (SIGNATURES, GROUPS)
