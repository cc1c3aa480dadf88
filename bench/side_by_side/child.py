"""One run of one contender, in a process of its own: `python -m bench.side_by_side.child ASKED FOLDER ANSWER [--profile]`.

Needs nothing but what the contender needs, so that it runs in the Python of the peers too. Its last line is JSON: seconds of
processor (with those of processes it started), seconds by the clock, MB at most and MB beyond what was there before the
work began, inputs and libraries.
"""

from __future__ import annotations

import cProfile
import importlib
import importlib.metadata
import json
import multiprocessing
import os
import pstats
import resource
import sys
import time
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")  # of a second, in which Linux counts the time of other processes


def main() -> int:
    asked, folder, answer, *extra = sys.argv[1:]
    contender = json.loads(asked)
    try:
        version = importlib.metadata.version(contender["package"])
    except importlib.metadata.PackageNotFoundError:
        print(json.dumps({"skipped": f"{contender['package']} is not installed"}))
        return 0
    module, _, function = contender["work"].rpartition(".")
    prepare = getattr(importlib.import_module(f"bench.side_by_side.contenders.{module}"), function)
    work = prepare(Path(folder), **contender["options"])
    if extra:
        _profile(work)
        return 0
    before = _reset_peak()
    cpu, wall = _processor(), time.perf_counter()
    result = work()
    wall = time.perf_counter() - wall
    cpu = _processor() - cpu
    peak = max(
        _peak(), result.pop("peak_mb", 0.0) if isinstance(result, dict) else 0.0
    )  # ours forgets it at each stage
    told = {"version": version, "cpu": cpu, "wall": wall, "peak_mb": peak, "memory_mb": max(0.0, peak - before)}
    if isinstance(result, dict):
        told |= _store(result, Path(answer))
    print(json.dumps(told))
    return 0


def _store(result: dict[str, Any], answer: Path) -> dict[str, Any]:
    """Columns as Parquet, for the quality; numbers are told as they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = {name: value for name, value in result.items() if isinstance(value, int | float)}
    columns = {name: value for name, value in result.items() if name not in numbers}
    if columns:
        pq.write_table(pa.table(columns), answer)
    return numbers


def _profile(work: Any) -> None:
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(12)


def _processor() -> float:
    """Seconds of this process, of those it started that ended, and of those that still run."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = sum(_of_process(child.pid) for child in multiprocessing.active_children() if child.pid)
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


def _of_process(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS  # user and system; proc(5) counts them as 14 and 15


def _reset_peak() -> float:
    """Start the high-water mark anew; returns MB held now. A process inherits `ru_maxrss` of the one it was forked from."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return _status("VmRSS")


def _peak() -> float:
    own = _status("VmHWM") if Path("/proc/self/status").exists() else 0.0
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return max(own or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, children)


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    raise SystemExit(main())
