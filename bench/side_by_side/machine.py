"""What the machine can do at best: disk, memory, and Parquet read and decoded. No contender can be faster than that."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COPIED = 256 * 2**20  # bytes: eight times the largest cache here, so that it is memory that is measured
WRITTEN = 512 * 2**20  # bytes on disk: long enough for the clock
TRIES = 5  # the best of these: other work on the machine only ever slows one down


def machine(folder: Path) -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "memory_gb_s": {threads: memory(threads) for threads in (1, 2)},
        "disk_gb_s": disk(folder),
    }


def memory(threads: int) -> float:
    """GB a second that copying reads and writes, both counted."""
    whole = np.ones(COPIED, np.uint8)
    target = np.empty_like(whole)
    parts = list(zip(np.array_split(whole, threads), np.array_split(target, threads), strict=True))
    with ThreadPoolExecutor(threads) as pool:
        seconds = _best(lambda: list(pool.map(lambda part: np.copyto(part[1], part[0]), parts)))
    return 2 * COPIED / 1e9 / seconds


def disk(folder: Path) -> float:
    """GB a second from disk, of a file that the page cache was told to forget. On a virtual machine a host may remember it."""
    path = folder / "disk.bin"
    path.write_bytes(os.urandom(WRITTEN))
    with path.open("rb", buffering=0) as file:
        os.fsync(file.fileno())

        def read() -> None:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            file.seek(0)
            while file.read(8 * 2**20):
                pass

        seconds = _best(read)
    path.unlink()
    return WRITTEN / 1e9 / seconds


def decoded(path: Path) -> dict[str, float]:
    """A Parquet file read and decoded on one thread: seconds of processor, MB on disk and in memory."""
    made: pa.Table = pq.read_table(path, use_threads=False)
    seconds = _best(lambda: pq.read_table(path, use_threads=False), time.process_time)
    return {"decode_s": seconds, "disk_mb": path.stat().st_size / 1e6, "memory_mb": made.nbytes / 1e6}


def _best(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    taken = []
    for _ in range(TRIES):
        start = clock()
        work()
        taken.append(clock() - start)
    return max(min(taken), 1e-9)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
