"""Whether a template that two providers see falls into a common bucket, and whether unrelated ones do.

    python -m bench.match_templates [--seed 301 302 303 304] [--rungs 0 2] [--scale 0.001] [--data FOLDER]

The accounts of a made world are dealt out over two providers, each mines its own half, and every template of a campaign's at
the one is held against all templates at the other. On rung 2 each account has frames of its own and words each request anew.
The same with real prompts, whose sources are the campaigns: those of which the data's README says that all rows share a frame.
Bands and rows are tried side by side; what stillwatch uses is marked. Expected is the mean of 1 - (1 - J^rows)^bands.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DATA
from stillwatch.config import Templates, Text
from stillwatch.sharing.matching import buckets as used
from stillwatch.signals.sketch import sketches
from stillwatch.tables import unpacked
from stillwatch.templates import templates
from stillwatch.worlds import load, make

TRIED = ((18, 2), (12, 3), (9, 4), (36, 1))  # bands, rows: 36 orders each
FRAMED = ("metamath_rephrase", "autoj_gpt4_judge", "seal_tools", "mmlu_test", "toolalpaca_gpt4_judge")
ACCOUNTS = 40  # that a real source's rows are dealt to
OWNED = 0.9  # share of the texts with a template's fingerprints that are one campaign's, so that it is its own


@dataclass
class Told:
    """Of campaigns' templates at one provider, against the other's."""

    best: list[float] = field(default_factory=list)  # Jaccard of the likest of the same campaign
    met: dict[tuple[int, int], int] = field(default_factory=dict)  # templates with a common bucket
    campaigns: dict[tuple[int, int], set[str]] = field(default_factory=dict)  # of which any template met
    all: set[str] = field(default_factory=set)
    strangers: int = 0  # pairs of a campaign's template and one of somebody else's
    false: dict[tuple[int, int], int] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, nargs="*", default=[301, 302, 303, 304])
    parser.add_argument("--rungs", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--scale", type=float, default=0.001)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    print(
        "| texts | templates | likest, J: 10, 25, 50, 75% | bands × rows | met | expected | campaigns | false pairs |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for rung in options.rungs:
        told = Told()
        for seed in options.seed:
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), load("disclosure-2026-02", rung), scale=options.scale, seed=seed, workers=1)
                compare(told, *_world(Path(folder)), f"{seed}")
        report(f"made, rung {rung}, seeds {', '.join(map(str, options.seed))}", told)
    if (options.data / "prompts").is_dir():
        told = Told()
        compare(told, *_real(options.data / "prompts"), "real")
        report("real prompts", told)


def _world(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Account, text, and the campaign that harvested with it; empty: nobody."""
    rows = pa.concat_tables(
        pq.read_table(one, columns=["exchange_id", "account_id", "prompt"])
        for one in sorted((folder / "log/exchanges").iterdir())
    )
    labels = pq.read_table(folder / "labels/exchanges.parquet", columns=["exchange_id", "campaign", "harvested"])
    owner = {row["exchange_id"]: row["campaign"] for row in labels.to_pylist() if row["harvested"]}
    whose = [owner.get(one, "") for one in rows["exchange_id"].to_pylist()]
    return rows["account_id"].to_pylist(), rows["prompt"].to_pylist(), whose


def _real(folder: Path) -> tuple[list[str], list[str], list[str]]:
    accounts, texts, whose = [], [], []
    for path in sorted(folder.glob("*.parquet")):
        for number, text in enumerate(pq.read_table(path, columns=["prompt"])["prompt"].to_pylist()[:4_000]):
            accounts.append(f"{path.stem}-{number % ACCOUNTS}")
            texts.append(text)
            whose.append(path.stem if path.stem in FRAMED else "")
    return accounts, texts, whose


def compare(told: Told, accounts: list[str], texts: list[str], whose: list[str], name: str) -> None:
    """Deal accounts out, mine both halves, and hold their templates against each other."""
    side = np.array([crc32(f"{name} {one}".encode()) % 2 for one in accounts])
    found = sketches(pa.array(texts, pa.string()), Text())
    ends, values = unpacked(found.sketch)
    halves = []
    for half in (0, 1):
        rows = np.flatnonzero(side == half)
        _, first = np.unique(found.hash[rows], return_index=True)
        rows = np.sort(rows[first])
        chosen = pa.array(rows)
        documents = pa.table(
            {
                "field": pa.array(["prompt"] * len(rows)),
                "account_id": pa.array(accounts).take(chosen),
                "sketch": found.sketch.take(chosen),
            }
        )
        mined = templates(documents, Templates())["shingles"].to_pylist()
        halves.append(
            [(set(one), _owner(one, owners)) for owners in [_owners(rows, ends, values, whose)] for one in mined]
        )
    ours = [(one, owner) for one, owner in halves[0] if owner and len(one) >= used.LEAST_SHINGLES]
    theirs = [(one, owner) for one, owner in halves[1] if len(one) >= used.LEAST_SHINGLES]
    told.all |= {f"{name}/{owner}" for _, owner in ours}
    other = _least_many(theirs)
    for one, owner in ours:
        same = np.array([owner == each for _, each in theirs], bool)
        told.best.append(
            max((len(one & each) / len(one | each) for each, whose_ in theirs if whose_ == owner), default=0.0)
        )
        told.strangers += int((~same).sum())
        equal = other == _least(one)
        for bands, rows_ in TRIED:
            meets = equal.reshape(len(theirs), bands, rows_).all(axis=2).any(axis=1)
            key = bands, rows_
            told.met[key] = told.met.get(key, 0) + bool((meets & same).any())
            told.false[key] = told.false.get(key, 0) + int((meets & ~same).sum())
            if (meets & same).any():
                told.campaigns.setdefault(key, set()).add(f"{name}/{owner}")


def _owners(rows: np.ndarray, ends: np.ndarray, values: np.ndarray, whose: list[str]) -> dict[int, dict[str, int]]:
    """Of each fingerprint, in how many texts of whom it is."""
    found: dict[int, dict[str, int]] = {}
    for row in rows.tolist():
        for one in set(values[ends[row] : ends[row + 1]].tolist()):
            by = found.setdefault(one, {})
            by[whose[row]] = by.get(whose[row], 0) + 1
    return found


def _owner(shingles: list[int], owners: dict[int, dict[str, int]]) -> str:
    total: dict[str, int] = {}
    for one in shingles:
        for name, count in owners.get(one, {}).items():
            total[name] = total.get(name, 0) + count
    name = max(total, key=lambda each: total[each])
    return name if total[name] >= OWNED * sum(total.values()) else ""


def _least(shingles: set[int]) -> np.ndarray:
    return used.signature(np.array(sorted(shingles), np.int32))


def _least_many(those: list[tuple[set[int], str]]) -> np.ndarray:
    return np.stack([_least(one) for one, _ in those]) if those else np.zeros((0, 36), np.uint64)


def report(name: str, told: Told) -> None:
    for line in _lines(name, told):
        print(line, flush=True)


def _lines(name: str, told: Told) -> Iterator[str]:
    many = len(told.best)
    quartiles = " / ".join(f"{one:.2f}" for one in np.quantile(told.best, (0.1, 0.25, 0.5, 0.75))) if many else ""
    for bands, rows in TRIED:
        key = bands, rows
        expected = np.mean([1 - (1 - one**rows) ** bands for one in told.best]) if many else 0.0
        mark = " (used)" if key == (used.BANDS, used.ROWS) else ""
        met, found, false = told.met.get(key, 0), len(told.campaigns.get(key, set())), told.false.get(key, 0)
        yield (
            f"| {name} | {many} | {quartiles} | {bands} × {rows}{mark} | {met} = {met / max(many, 1):.0%} | {expected:.0%} "
            f"| {found} of {len(told.all)} | {false} of {told.strangers:,} |"
        )


if __name__ == "__main__":
    main()
