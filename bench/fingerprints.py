"""How many texts, and megabytes of text, a second the kernels get through: fingerprints alone, and with tags as in a scan.

    python -m bench.fingerprints

Real prompts from $STILLWATCH_DATA where there are some, else made sentences, cut to 500 bytes and as they are. One thread by
the processor's clock, two by the wall's: the kernels let go of the interpreter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.data import DATA
from stillwatch.config import Text
from stillwatch.signals.sketch import sketches
from stillwatch.signals.tags import tags

PROMPTS = DATA / "prompts"
BYTES = 80_000_000  # long enough for the clock, short enough to wait for
REPEATS = 7  # the best of these: other work on the machine only ever slows a run down
SLICE = 16_384  # texts a call: a few megabytes, as in a scan
CUT = 500  # bytes: prompts of the first disclosure are said to be of about this length


def main() -> None:
    whole, source = _texts()
    cut = pc.binary_slice(whole.cast(pa.binary()), 0, CUT).cast(pa.string(), safe=False)
    for texts, called in ((cut, f"{source}, at most {CUT} bytes"), (whole, source)):
        size = pc.sum(pc.binary_length(texts)).as_py()
        print(f"{called}: {len(texts):,} texts, {size / 1e6:.0f} MB")
        for kernel, name in ((_fingerprints, "fingerprints"), (_both, "fingerprints and tags")):
            kernel(texts[:10])  # compiled, or loaded, before the clock starts
            for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
                seconds = min(_seconds(kernel, texts, threads, clock) for _ in range(REPEATS))
                print(f"    {name}, {threads} thread{'s'[: threads - 1]}: {len(texts) / seconds:,.0f} texts/s, "
                      f"{size / 1e6 / seconds:.0f} MB/s")  # fmt: skip


def _fingerprints(texts: pa.Array) -> None:
    sketches(texts, Text())


def _both(texts: pa.Array) -> None:
    sketches(texts, Text())
    tags(pa.nulls(len(texts), pa.string()), texts, None, Text())


def _seconds(kernel: Callable[[pa.Array], None], texts: pa.Array, threads: int, clock: Callable[[], float]) -> float:
    slices = [texts.slice(start, SLICE) for start in range(0, len(texts), SLICE)]
    start = clock()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(kernel, slices))
    return clock() - start


def _texts() -> tuple[pa.Array, str]:
    if PROMPTS.is_dir():
        found = [pq.read_table(path)["prompt"].combine_chunks() for path in sorted(PROMPTS.glob("*.parquet"))]
        source = "real prompts"
    else:
        random = np.random.default_rng(1)
        words = np.array([f"w{number:x}" for number in range(5_000)])
        found = [pa.array([" ".join(random.choice(words, 90)) for _ in range(5_000)])]
        source = "made sentences"
    once = sum(pc.sum(pc.binary_length(one)).as_py() for one in found)
    return pa.concat_arrays(found * max(1, BYTES // once)), source


if __name__ == "__main__":
    main()
