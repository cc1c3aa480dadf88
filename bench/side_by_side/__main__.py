"""Stillwatch beside its peers, on the same data, in one run.

    python -m bench.side_by_side                            everything; peers come with `make .venv/peers-installed`
    python -m bench.side_by_side --only signatures linkage
    python -m bench.side_by_side --profile                  where stillwatch's own time goes, and no peers

Ratios are of processor time. Memory is what a process took beyond its libraries and inputs (and in all beside it). Writes
out/bench/side_by_side.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.side_by_side import clustering, coaction, fingerprints, linkage, templates
from bench.side_by_side.comparison import Asked, Comparison
from bench.side_by_side.contender import ROOT, RUNS, command_of, race
from bench.side_by_side.machine import decoded, machine
from bench.side_by_side.ratios import compared, goals_table, met, table

ALL: dict[str, Comparison] = {
    one.name: one for part in (fingerprints, templates, linkage, coaction, clustering) for one in part.ALL
}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    asked = Asked(options.work.resolve(), options.prompts, options.scale, options.copies, options.seed)
    asked.work.mkdir(parents=True, exist_ok=True)
    chosen = [ALL[name] for name in options.only or ALL]
    if options.profile:
        for one in chosen:
            profile(one, asked)
        return 0
    limits = machine(asked.work)
    print(_limits(limits), flush=True)
    document: dict[str, Any] = {"schema_version": 1, "machine": limits, "comparisons": []}
    for one in chosen:
        document["comparisons"].append(measured(one, asked, options.runs))
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(document, indent=1))  # after each: the whole run takes an hour
    return 0


def measured(one: Comparison, asked: Asked, runs: int) -> dict[str, Any]:
    folder = asked.work / one.name
    folder.mkdir(exist_ok=True)
    print(f"\n## {one.name}\n\n{one.about}", flush=True)
    inputs = one.inputs(folder, asked)
    floor = decoded(folder / one.source)
    rows = [row if "skipped" in row else row | one.quality(folder, row) for row in race(one.contenders, folder, runs)]
    rows = compared(rows)
    verdicts = met(rows, one.goals, one.judged_by)
    ours = next((row["cpu"] for row in rows if row["ours"] and "skipped" not in row), None)
    print(
        ", ".join(
            f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in inputs.items()
        )
    )
    print(_floor(floor, ours) + "\n")
    print(table(rows) + "\n\n" + goals_table(verdicts), flush=True)
    return {"name": one.name, "inputs": inputs, "floor": floor, "rows": rows, "goals": verdicts}


def profile(one: Comparison, asked: Asked) -> None:
    """The functions in which our first contender spends its time."""
    folder = asked.work / one.name
    folder.mkdir(exist_ok=True)
    one.inputs(folder, asked)
    print(f"\n## {one.name}", flush=True)
    ours = next(contender for contender in one.contenders if contender.ours)
    subprocess.run([*command_of(ours, folder, folder / "profile.parquet"), "--profile"], cwd=ROOT, check=True)


def _floor(floor: dict[str, float], ours: float | None) -> str:
    told = (
        f"Read and decoded from Parquet in {floor['decode_s']:.3f} s on one core: {floor['disk_mb']:.1f} MB on disk, "
        f"{floor['memory_mb']:.1f} MB in memory, {floor['memory_mb'] / floor['decode_s']:,.0f} MB/s"
    )
    return told + (f"; stillwatch takes {ours / floor['decode_s']:.1f} times that." if ours else ".")


def _limits(limits: dict[str, Any]) -> str:
    one, two = limits["memory_gb_s"].values()
    return (
        f"{limits['processor']}, {limits['cores']} cores, load {limits['load']:.1f} before the run, "
        f"Python {limits['python']}. Memory: {one:.1f} GB/s on one thread, {two:.1f} on two (read and written); "
        f"disk: {limits['disk_gb_s']:.2f} GB/s."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.side_by_side", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", nargs="+", choices=list(ALL), help="comparisons; all if not given")
    parser.add_argument("--profile", action="store_true", help="where our own time goes")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each contender; one where it takes over a minute")
    parser.add_argument("--work", type=Path, default=ROOT / "out/bench/side_by_side", help="inputs and answers")
    parser.add_argument("--json", type=Path, default=ROOT / "out/bench/side_by_side.json")
    parser.add_argument("--prompts", type=int, default=Asked.prompts)
    parser.add_argument("--scale", type=float, default=Asked.scale, help="of the world")
    parser.add_argument("--copies", type=int, default=Asked.copies, help="of its graph, for clustering")
    parser.add_argument("--seed", type=int, default=Asked.seed)
    return parser


if __name__ == "__main__":
    sys.exit(main())
