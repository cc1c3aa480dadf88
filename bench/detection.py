"""Accounts found, missed and falsely accused, on made worlds: python bench/detection.py --help.

One line a world and seed, then false accusations by group over all of them, then how well scores are calibrated.
`--prompts` and `--traces` take real prompts and arrival traces (STILLWATCH_DATA).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import duckdb
import numpy as np

from stillwatch.config import Config
from stillwatch.run import Place, scan
from stillwatch.worlds import load, make

BINS = 10  # of the calibration error: equal widths, as is usual (Naeini et al. 2015)


def measured(
    world: str, scale: float, seed: int, prompts: Path | None, traces: Path | None, folder: Path
) -> dict[str, object]:
    """Make a world, scan it, compare with its labels."""
    shutil.rmtree(folder, ignore_errors=True)
    make(folder, load(world), scale=scale, seed=seed, prompts=prompts, traces=traces)
    outcome = scan(Place(folder / "log", folder / "out"), Config())
    rows = duckdb.sql(
        f"""SELECT l."group", l.campaign, a.verdict, a.score, a.campaign_id FROM '{folder}/labels/accounts.parquet' l
            JOIN '{folder}/out/accounts.parquet' a USING (account_id)"""
    ).fetchall()
    exchanges = duckdb.sql(
        f"""SELECT count(*) FILTER (harvested), count(*) FILTER (harvested AND x.score >= 0.5),
            (SELECT count(*) FROM '{folder}/out/exchanges.parquet' WHERE score >= 0.5)
            FROM '{folder}/labels/exchanges.parquet' LEFT JOIN '{folder}/out/exchanges.parquet' x USING (exchange_id)"""
    ).fetchall()[0]
    seconds = sum(float(stage["seconds"]) for stage in outcome.stages)
    return {"rows": rows, "exchanges": exchanges, "seconds": seconds, "total": outcome.report.totals["exchanges"]}


def told(name: str, found: dict[str, object]) -> None:
    rows = found["rows"]
    guilty = [row for row in rows if row[1] is not None]
    accused = [row for row in rows if row[2] == "campaign"]
    right = [row for row in accused if row[1] is not None]
    whole = {one: {row[4] for row in guilty if row[1] == one and row[4]} for one in {row[1] for row in guilty}}
    harvested, seen, claimed = found["exchanges"]
    ordinary = len(rows) - len(guilty)
    print(
        f"{name:<34} {found['total']:>10,} {len(rows):>7,} {_share(len(right), len(guilty))} {_share(len(right), len(accused))}"
        f" {100_000 * (len(accused) - len(right)) / max(ordinary, 1):>9.1f} {_share(seen, harvested)} {_share(seen, claimed)}"
        f" {sum(len(ids) == 1 for ids in whole.values())}/{len(whole)} {found['seconds']:>6.0f}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:>7.3f}" if whole else "      -"


def calibration(rows: list[tuple[object, ...]]) -> tuple[float, float]:
    """Expected calibration error and Brier score of account scores."""
    score = np.array([float(row[3]) for row in rows])  # type: ignore[arg-type]
    truth = np.array([row[1] is not None for row in rows], float)
    place = np.minimum((score * BINS).astype(int), BINS - 1)
    gaps = [
        abs(score[place == one].mean() - truth[place == one].mean()) * (place == one).mean() for one in np.unique(place)
    ]
    return float(sum(gaps)), float(((score - truth) ** 2).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", nargs="+", default=["disclosure-2026-02", "calm-2026-02"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[101, 102, 103])
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--prompts", type=Path)
    parser.add_argument("--traces", type=Path)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "stillwatch-bench")
    asked = parser.parse_args()
    print(
        f"{'world, seed':<34} {'exchanges':>10} {'accounts':>7}  recall   prec. false/1e5  ex.rec  ex.prec whole  sec."
    )
    everything: list[tuple[object, ...]] = []
    for world in asked.worlds:
        for seed in asked.seeds:
            found = measured(world, asked.scale, seed, asked.prompts, asked.traces, asked.work)
            told(f"{world}, {seed}", found)
            everything += found["rows"]  # type: ignore[operator]
    print("\nfalse accusations by group (campaign; watch)")
    for group in sorted({str(row[0]) for row in everything if row[1] is None}):
        own = [row for row in everything if row[0] == group and row[1] is None]
        accused, watched = (sum(row[2] == verdict for row in own) for verdict in ("campaign", "watch"))
        print(f"  {group:<18} {len(own):>7,} accounts {accused:>5} {watched:>5}")
    error, brier = calibration(everything)
    print(f"\nscores: expected calibration error {error:.4f}, Brier {brier:.4f}")


if __name__ == "__main__":
    main()
