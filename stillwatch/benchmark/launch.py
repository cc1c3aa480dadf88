"""Starts one program, waits for it and writes down what it took; run by itself, in an interpreter of its own.

A process begins with the memory peak of the one that started it, so that a program started by the benchmark, which holds
NumPy and Arrow, would be charged for them. This one is small, and imports nothing of the package.

    python -I -S launch.py REPORT PROGRAM [ARGUMENT ...]
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """REPORT gets exit code, seconds, and the peak memory of the largest process among the program and its children."""
    report, *command = sys.argv[1:]
    started = time.perf_counter()
    try:
        child = os.posix_spawnp(command[0], command, os.environ)
    except OSError as problem:
        told: dict[str, object] = {"problem": f"{command[0]}: {problem.strerror}"}
    else:
        _, status, used = os.wait4(child, 0)
        unit = 1 if sys.platform == "darwin" else 1024  # bytes; Linux counts in KiB
        told = {
            "exit_code": os.waitstatus_to_exitcode(status),
            "seconds": time.perf_counter() - started,
            "peak_bytes": used.ru_maxrss * unit,
        }
    with open(report, "w", encoding="utf-8") as file:
        json.dump(told, file)


if __name__ == "__main__":
    main()
