"""Does the parts of a piece of work several at once, in processes: who works beside whom changes no number.

Threads would be of no use: matrices are so small that a second one waits more than it works.
"""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import torch

THREADS = 1  # of torch, in each process: sums are added up in one order

Told = Callable[[int], None]


class Work(Protocol):
    """What is done part by part; it is sent to each process once."""

    def does(self, part: Any) -> Any: ...


def done(work: Work, parts: Sequence[Any], workers: int, told: Told) -> tuple[list[Any], float]:
    """What came of each part, in their order, and the seconds of processor that all took."""
    found: dict[int, tuple[Any, float]] = {}
    if workers == 1:
        for number, part in enumerate(parts):
            found[number] = _timed(work, part)
            told(len(found))
    else:
        found = _beside(work, parts, workers, told)
    return [found[number][0] for number in range(len(parts))], sum(seconds for _, seconds in found.values())


def _beside(work: Work, parts: Sequence[Any], workers: int, told: Told) -> dict[int, tuple[Any, float]]:
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work"
        path.write_bytes(pickle.dumps(work))
        context = get_context("spawn")  # torch's threads do not outlive a fork
        with ProcessPoolExecutor(min(workers, len(parts)), context, _begin, (str(path),)) as pool:
            tasks = {pool.submit(_does, part): number for number, part in enumerate(parts)}
            for one in as_completed(tasks):
                found[tasks[one]] = one.result()
                told(len(found))
    return found


_here: list[Work] = []  # of a worker: one


def _begin(path: str) -> None:
    torch.set_num_threads(THREADS)
    _here.append(pickle.loads(Path(path).read_bytes()))


def _does(part: Any) -> tuple[Any, float]:
    return _timed(_here[0], part)


def _timed(work: Work, part: Any) -> tuple[Any, float]:
    begun = time.process_time()
    return work.does(part), time.process_time() - begun
