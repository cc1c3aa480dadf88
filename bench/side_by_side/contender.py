"""Runs contenders, each in a fresh process, and says what a run took.

Ratios are taken from seconds of processor, since other work on a machine lengthens what a clock shows; the clock's seconds
stand beside. Everybody gets one thread unless its name says otherwise, and the shortest of three runs counts; what takes longer
than a minute is run once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv/peers/bin/python"  # `make .venv/peers-installed`: GPL packages, and pins that contradict ours
RUNS = 3
LONG = 60.0  # seconds by the clock from which once is enough
PATIENCE = 1_200  # seconds by the clock for one run
OURS = "stillwatch"
HERE = (OURS, "scipy")
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "RAYON_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "ARROW_NUM_THREADS",
    )
}


@dataclass(frozen=True)
class Contender:
    """A function of a module in `contenders/`: it reads a folder, which is not counted, and returns the work, which is."""

    name: str
    package: str  # on PyPI; what stillwatch has or needs runs in this Python, the others in that of the peers
    work: str  # module.function
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        return self.package == OURS


def race(contenders: Sequence[Contender], folder: Path, runs: int = RUNS) -> list[dict[str, Any]]:
    """A row for each: name, version, seconds, memory and where its answer is; or why it was skipped."""
    rows = []
    for place, one in enumerate(contenders):
        print(f"  {one.name} …", file=sys.stderr, flush=True)
        rows.append(
            {
                "name": one.name,
                "package": one.package,
                "ours": one.ours,
                **raced(one, folder, folder / f"answer-{place}.parquet", runs),
            }
        )
    return rows


def raced(one: Contender, folder: Path, answer: Path, runs: int = RUNS) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    while len(found) < runs:
        told = launched(one, folder, answer)
        if "skipped" in told:
            return told
        found.append(told)
        if told["wall"] > LONG:
            break
    return summary(found) | {"answer": str(answer) if answer.exists() else None}


def summary(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The run with the least processor time, with the median beside it, and the least memory of any run."""
    best = min(found, key=lambda one: one["cpu"])
    ordered = sorted(one["cpu"] for one in found)
    return {
        **best,
        "runs": len(found),
        "cpu_median": ordered[len(ordered) // 2],
        "wall": min(one["wall"] for one in found),
        "memory_mb": min(one["memory_mb"] for one in found),
    }


def command_of(one: Contender, folder: Path, answer: Path) -> list[str]:
    asked = json.dumps({"package": one.package, "work": one.work, "options": one.options})
    python = sys.executable if one.package in HERE else str(PEERS)
    return [python, "-m", "bench.side_by_side.child", asked, str(folder), str(answer)]


def launched(one: Contender, folder: Path, answer: Path) -> dict[str, Any]:
    """What the child process told, or why there is nothing to tell."""
    command = command_of(one, folder, answer)
    if not Path(command[0]).exists():
        return {"skipped": "peers are not installed (make .venv/peers-installed)"}
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)}
    answer.unlink(missing_ok=True)
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return {"skipped": f"not done after {PATIENCE:,} s"}
    return told_by(ran.returncode, ran.stdout, ran.stderr)


def told_by(code: int, stdout: str, stderr: str) -> dict[str, Any]:
    """The last line of a child that went well is JSON; of one that did not, the last line it wrote says why."""
    lines = (stdout if code == 0 else stderr).strip().splitlines()
    if code != 0:
        return {"skipped": f"it failed: {lines[-1] if lines else f'exit code {code}'}"}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer
