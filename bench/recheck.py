"""Which programme accounts are asked again after a scan: those of campaigns, and honest ones, by pathway and rung of evasion.

    python -m bench.recheck --out out/recheck [--seeds 250 251 252 253] [--rungs 0 3] [--scale 0.01]

Worlds keep no proofs, so only what a scan leads to is measured: accounts that behave like harvesters, and mail domains with
several accounts in one campaign. Counted are accounts that are open at the end, in any pathway but self_serve. Accounts of
campaigns whose keys were stolen are victims: counted apart, since asking them would be wrong. Intervals are exact (Clopper,
Pearson 1934) and take accounts as independent, which those of one campaign are not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from bench.scanned import scanned
from stillwatch.benchmark.measures.intervals import clopper_pearson
from stillwatch.config import Config
from stillwatch.verification.lists import Lists
from stillwatch.verification.pathways import load, recheck
from stillwatch.verification.pathways.domain import domain_today
from stillwatch.verification.pathways.members import found, members
from stillwatch.verification.pathways.recheck import ANYBODY
from stillwatch.worlds.make import make
from stillwatch.worlds.world import load as load_world

END = datetime(2026, 2, 23, tzinfo=UTC)  # of disclosure-2026-02
Counts = dict[str, Counter[str]]  # pathway → what → accounts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for worlds and results")
    parser.add_argument("--seeds", type=int, nargs="+", default=[250, 251, 252, 253])
    parser.add_argument("--rungs", type=int, nargs="+", default=[0, 3])
    parser.add_argument("--scale", type=float, default=0.01)
    asked = parser.parse_args()
    for rung in asked.rungs:
        counts: Counts = defaultdict(Counter)
        for seed in asked.seeds:
            world = asked.out / f"rung-{rung}-seed-{seed}"
            make(world, load_world("disclosure-2026-02", rung, []), scale=asked.scale, seed=seed)
            scanned(world, world / "log")
            _count(world, counts)
            shutil.rmtree(world)
            print(f"counted seed {seed} of rung {rung}", file=sys.stderr, flush=True)
        _print(rung, counts)


def _count(world: Path, counts: Counts) -> None:
    labels = {row["account_id"]: row for row in pq.read_table(world / "labels/accounts.parquet").to_pylist()}
    lists, config = Lists.load(), Config()
    those = [one for one in members(world / "log", config.reading, END, Counter()) if one.pathway != ANYBODY]
    domains = {one.domain: domain_today(one.domain, lists) for one in those}
    answer = recheck(those, load(), found(world / "out"), {}, domains, config.recheck, END.timestamp())
    asked = {one.account_id: one for one in answer.asked}
    for one in those:
        label, row = labels[one.account_id], asked.get(one.account_id)
        kind = "victim" if label["role"] == "victim" else "campaign" if label["campaign"] else "honest"
        for pathway in (one.pathway, "all"):
            counts[pathway][kind] += 1
            counts[pathway][f"{kind} asked"] += row is not None
            counts[pathway][f"{kind} gently"] += row is not None and row.gentle
    counts["all"]["told apart as victims"] += len(answer.victims)
    counts["all"]["institutions told"] += len(answer.institutions)


def _print(rung: int, counts: Counts) -> None:
    print(
        f"rung {rung}\n| pathway | of campaigns | asked | honest | asked | of them gently |\n|---|---|---|---|---|---|"
    )
    for pathway in sorted(counts, key=lambda one: (one == "all", one)):
        one = counts[pathway]
        print(
            f"| {pathway} | {one['campaign']:,} | {_share(one['campaign asked'], one['campaign'])} | {one['honest']:,} "
            f"| {_share(one['honest asked'], one['honest'])} | {one['honest gently']:,} |"
        )
    total = counts["all"]
    print(
        f"victims {total['victim']:,}, asked {total['victim asked']:,}; told apart as victims "
        f"{total['told apart as victims']:,}; institutions told {total['institutions told']:,}\n"
    )


def _share(hits: int, of: int) -> str:
    if not of:
        return "–"
    low, high = clopper_pearson(hits, of)
    return f"{hits:,}: {hits / of:.1%} ({low:.1%} to {high:.1%})"


if __name__ == "__main__":
    main()
