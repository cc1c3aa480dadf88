"""The slow part over many values, on as many processes as there are cores: some 45 µs each, nearly all of it libsodium's.

Processes, not threads: each call holds Python's lock for a tenth of the time. They are started anew, since what forks while
threads run may stop. Secrets go to them through their pipe.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")
WORTH_PROCESSES = 8_192  # values; for fewer, starting another Python takes longer than it saves
_CHUNK = 2_048


def mapped(
    one: Callable[[_In], _Out],
    values: Sequence[_In],
    workers: int | None = None,
    says: Callable[[int], None] | None = None,
    batch: int = 1,
) -> Iterator[_Out]:
    """one(value) of each value, in order; `one` must be a function of a module, or a partial of one.

    `batch`: each value is so many. `says` is told how many are done.
    """
    worth, size = len(values) * batch >= WORTH_PROCESSES and len(values) > 1, max(_CHUNK // batch, 1)
    count = workers or (os.cpu_count() or 1 if worth else 1)
    chunks = (values[start : start + size] for start in range(0, len(values), size))
    done = 0
    with nullcontext() if count == 1 else ProcessPoolExecutor(count, get_context("spawn")) as pool:
        for found in map(partial(_each, one), chunks) if pool is None else _running(pool, one, chunks, 4 * count):
            yield from found
            done += len(found)
            if says is not None:
                says(done)


def _running(pool: ProcessPoolExecutor, one: Any, chunks: Iterator[Any], ahead: int) -> Iterator[list[Any]]:
    """Results in order, with a few chunks under way: all of a million at once would lie in pipes and memory."""
    under_way = [pool.submit(_each, one, chunk) for chunk in islice(chunks, ahead)]
    while under_way:
        found = under_way.pop(0).result()
        under_way += [pool.submit(_each, one, chunk) for chunk in islice(chunks, 1)]
        yield found


def _each(one: Callable[[_In], _Out], values: Sequence[_In]) -> list[_Out]:
    return [one(value) for value in values]
