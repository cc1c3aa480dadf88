"""How the time, memory and disk of a scan grow with the log: the same world at several scales, and the slope between them.

    python -m bench.growth [--scales 0.1 0.3 1] [--world disclosure-2026-02] [--seed 1] [--out DIR]

Every scan is the command `stillwatch scan` in a process of its own. Beside it stands what no program could beat on this
machine: reading and decoding the same Parquet files and doing nothing else, on as many threads as there are cores. The
slope is that of log seconds over log exchanges by least squares; 1 is linear. Work files need about three times the log.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from bench.command import STILLWATCH

POLL_SECONDS = 1.0  # between looks at the disk: spilled files live for seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.1, 0.3, 1.0])
    parser.add_argument("--world", default="disclosure-2026-02")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, help="where worlds and results are written; a temporary folder when not given"
    )
    options = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(dir=options.out) as folder:
        print(
            "| exchanges | log GB | decoding alone, s | scan, s | CPU s | exchanges/s | peak GiB | disk GB |\n|"
            + "---|" * 8
        )
        for scale in options.scales:
            log = Path(folder) / f"{scale}"
            subprocess.run(
                [STILLWATCH, "worlds", "make", str(log), "--world", options.world,
                 "--scale", str(scale), "--seed", str(options.seed)], check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            measured.append(scanned(log / "log", log / "out"))
            print("| {exchanges:,} | {log_gb:.2f} | {decoding:.1f} | {seconds:.0f} | {cpu:.0f} | {rate:,.0f} | "
                  "{peak_gib:.1f} | {disk_gb:.1f} |".format(**measured[-1]), flush=True)  # fmt: skip
    if len(measured) > 1:
        sizes, seconds = ([np.log(one[name]) for one in measured] for name in ("exchanges", "seconds"))
        print(f"slope of time: {np.polyfit(sizes, seconds, 1)[0]:.2f}")


def scanned(log: Path, out: Path) -> dict[str, float]:
    """One scan by the command line: what it took, and what decoding the log alone takes."""
    files = sorted((log / "exchanges").iterdir())
    decoding = _decoded(files)
    began = time.perf_counter()
    process = subprocess.Popen([STILLWATCH, "scan", str(log), "--out", str(out), "--quiet"],
                               stdout=subprocess.DEVNULL)  # fmt: skip
    most = [0]
    watching = threading.Thread(target=_watch, args=(process, out, most), daemon=True)
    watching.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    watching.join()
    if process.returncode:
        raise SystemExit(f"the scan of {log} ended with {process.returncode}")
    totals = json.loads((out / "campaigns.json").read_bytes())["totals"]
    for stage in totals["stages"]:
        print("    {stage:<20} {rows:>12,} {seconds:8.1f} s {peak_mib:6,} MiB".format(**stage), file=sys.stderr)
    return {
        "exchanges": totals["exchanges"],
        "log_gb": sum(one.stat().st_size for one in files) / 1e9,
        "decoding": decoding,
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "rate": totals["exchanges"] / seconds,
        "peak_gib": max(one["peak_mib"] for one in totals["stages"]) / 1024,
        "disk_gb": most[0] / 1e9,
    }


def _decoded(files: list[Path]) -> float:
    """Seconds to read and decode every column, as dictionaries where the files have them, and throw it away."""
    began = time.perf_counter()
    for path in files:
        with pq.ParquetFile(path, pre_buffer=False, read_dictionary=["system", "tools"]) as file:
            for _ in file.iter_batches():
                pass
    return time.perf_counter() - began


def _watch(process: subprocess.Popen[bytes], out: Path, most: list[int]) -> None:
    """The most that lay under `out` at any look, until the process has ended."""
    while process.returncode is None:
        held = 0
        for path in out.rglob("*"):
            try:
                held += path.stat().st_size
            except FileNotFoundError:
                continue  # moved into place, or spilled and gone
        most[0] = max(most[0], held)
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main()
